use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n[2] { from prev; op identity }
  out concat(n, axis = 1)
}
