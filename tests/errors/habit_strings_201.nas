use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from a, b
    op one of ["nor_conv_3x3", "avg_pool_3x3", "conv3"]
    merge add
  }
  out n
}
