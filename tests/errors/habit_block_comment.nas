use vision (identity, sep_conv, max_pool, conv_bn, classifier)

/* the normal cell
   of the paper */
cell normal(a, b) {
  node n { from a; op identity }
  out n
}
