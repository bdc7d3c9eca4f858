use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from a, b
    op nn.Conv2d(16, 16, 3)
    merge add
  }
  out n
}
