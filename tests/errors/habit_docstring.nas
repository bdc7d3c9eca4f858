use vision (identity, sep_conv, max_pool, conv_bn, classifier)

"""The normal cell."""
cell normal(a, b) {
  node n { from a; op identity }
  out n
}
