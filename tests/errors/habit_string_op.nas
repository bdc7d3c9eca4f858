use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from a, b
    op "max_pool_3x3"
    merge add
  }
  out n
}
