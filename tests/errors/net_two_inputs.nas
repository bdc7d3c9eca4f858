use vision (sep_conv, conv_bn, classifier)

net search {
  input image(3, 32, 32)
  input other: image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { sep_conv(3) }
  head  classifier(10)
}
