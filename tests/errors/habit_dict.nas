use vision (identity, sep_conv, max_pool, conv_bn, classifier)

ops candidates = {"conv": sep_conv(3), "skip": identity}

cell normal(a, b) {
  node n { from a; op one of candidates }
  out n
}
