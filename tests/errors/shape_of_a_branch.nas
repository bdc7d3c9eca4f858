use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
use primitives (conv)

block two(w) {
  branch add { conv(3) } { conv(1, width = w) }
}

block four {
  branch concat { conv(3, stride = 2) } { conv(1) }
}

cell f(x) {
  node a { from x; op two(16) | two(24) | four }
  out a
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
