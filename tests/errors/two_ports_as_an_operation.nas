use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell two(a, b) {
  node n { from a, b; op sep_conv(3); merge add }
  out n
}

cell f(x) {
  node n { from x; op sep_conv(3) | two }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
