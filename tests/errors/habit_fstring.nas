use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from a, b
    op f"sep_conv_{k}"
    merge add
  }
  out n
}
