use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { some of [sep_conv(3), sep_conv(5)] }
  head  classifier(10)
}
