use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell "normal"(a) {
  node n { from a; op identity }
  out n
}
