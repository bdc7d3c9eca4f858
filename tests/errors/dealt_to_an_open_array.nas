use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)

cell f(x) {
  node l[1..3] { from prev; op sep_conv(3); width [8, 16, 16] }
  out last(l)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
