use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from pick 2 of {a, b}
    op sep_conv(3)
    merge add
  }
  out n
}
