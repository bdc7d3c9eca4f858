use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n { from a; op one of [“sep_conv_3x3”, identity] }
  out n
}
