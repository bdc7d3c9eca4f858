use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell g(a, b) {
  node m { from some of earlier; merge add }
  node n { from pick 1..2 of earlier; merge add }
  node o { from a; op some of [identity, sep_conv(3)] }
  node p { from a; absorb some of earlier }
  node q { from unused; merge add }
  node r[1..3] { from a }
  node s { from a; require params <= 6M }
  require params <= 6M
  out add(a) | concat(a)
}
