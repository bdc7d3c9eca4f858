use vision (sep_conv, conv_bn, classifier)

cell f(x) {
  node n { from x; op sep_conv(3) }
  out n
}

cell reduce = fresh f(stride = 2)

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
