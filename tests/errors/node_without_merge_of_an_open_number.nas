use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)

cell f(x) {
  node n[2] { from some of earlier; op sep_conv(3) }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
