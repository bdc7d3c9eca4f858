use vision (identity, sep_conv, max_pool, conv_bn, classifier)

ops x => [identity, sep_conv(3)]

cell normal(a, b) {
  node n { from a; op one of x }
  out n
}
