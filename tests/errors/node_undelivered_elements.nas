use vision (sep_conv, conv_bn, classifier)

cell f(x) {
  node n[4] { from x; op sep_conv(3) | sep_conv(5) }
  out concat([n[0], n[3]])
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
