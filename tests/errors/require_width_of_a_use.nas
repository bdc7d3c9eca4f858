use vision (sep_conv, conv_bn, classifier)

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage a (width = in * 2) { sep_conv(3) }
  stage b (width = one of [16, 32]) { sep_conv(3) }
  head  classifier(10)
}

require b.width <= a.width
