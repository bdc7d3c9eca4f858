use vision (identity, sep_conv, conv_bn, classifier)

cell f(x) {
  node n { from x; op identity | sep_conv(3) }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f; fresh f; f }
  head  classifier(10)
}
