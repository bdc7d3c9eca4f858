use vision (identity, sep_conv, max_pool, conv_bn, classifier)

ops candidates = ["sep_conv_3x3", "skip_connect", "none"]

cell normal(a, b) {
  node n { from a; op one of candidates }
  out n
}
