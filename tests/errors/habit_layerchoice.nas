use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from a, b
    op LayerChoice([sep_conv(3), identity])
    merge add
  }
  out n
}
