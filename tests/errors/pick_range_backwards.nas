use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)

cell f(x, y) {
  node n { from pick 2..1 of earlier; op sep_conv(3); merge add }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
