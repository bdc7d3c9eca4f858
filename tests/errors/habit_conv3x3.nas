use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from a, b
    op conv3x3 | sep_conv_5x5 | identity
    merge add
  }
  out n
}
