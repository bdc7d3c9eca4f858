use vision (sep_conv, conv_bn, classifier)

cell f(x, y) {
  align ports always native
  node n { from one of earlier; op sep_conv(3) }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
