use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

ops nothing = []

cell f(x) {
  node a { from x; op one of nothing }
  node b { from a; op one of [sep_conv(3), sep_conv(3)] }
  node c { from b; op one of [sep_conv(3)] except [sep_conv(3)] }
  node d { from c; op sep_conv(one of []) }
  node e { from d; op all of nothing }
  out e
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
