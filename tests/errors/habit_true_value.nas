use vision (identity, sep_conv, max_pool, conv_bn, classifier)

param use_skip = True

cell normal(a, b) {
  node n { from a; op identity }
  out n
}
