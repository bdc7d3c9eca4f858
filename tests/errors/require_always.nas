use vision (identity, sep_conv, conv_bn, classifier)

motif f(x) {
  node n[3] {
    from  prev
    op    one of [identity, sep_conv(3)]
  }
  out last(n)
  require count(identity) <= 3
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage a (width = 16 | 32) { sep_conv(3) }
  stage b (width = 32 | 64, stride = 2) { sep_conv(3) }
  stage c (width = 64) { conv_bn(3); f }
  head  classifier(10)
}

require a.width <= b.width
require params >= 10
