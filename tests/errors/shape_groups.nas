use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
use primitives (conv, global_avg)

cell f(x) {
  node a { from x; op conv(3, groups = 3 | 4) }
  node b { from a; op conv(h = 3) | identity }
  out b
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}

net vector {
  input image(3, 32, 32)
  stage (width = 16) { global_avg; sep_conv(3) }
}
