use vision (sep_conv, conv_bn, classifier)

hyper lr = one of [0.1, 0.05]

net search {
  input image(3, 32, 32)
  input other: image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { sep_conv(3); tap aux classifier(10) }
  head  classifier(10)
}
