use vision (sep_conv, conv_bn, classifier)

cell f(prev2, prev1) {
  node n[2] { from prev1; op sep_conv(3) | sep_conv(5) }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
