use vision (identity, sep_conv, conv_bn, classifier)

param N = 3

cell f(x) {
  node n { from x; op identity | sep_conv(3) }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { repeat N { f; sep_conv(3 | 5) } }
  head  classifier(10)
}
