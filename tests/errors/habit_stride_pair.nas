use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from a, b
    op sep_conv(3, stride=(2,2))
    merge add
  }
  out n
}
