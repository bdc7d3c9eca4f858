use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)

block wide { repeat 0..1 { sep_conv(3, width = 32) } }

cell f(x) {
  node n { from x; op wide }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
