use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n[4] { from prev; op sep_conv(3) }
  out concat(range(4))
}
