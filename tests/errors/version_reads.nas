use vision (sep_conv, relu_conv_bn, conv_bn, classifier)

cell f(a) {
  node s { from a; require params <= 6M }
  require params <= 6M
  out a
}

net n { input image(3, 32, 32); stem conv_bn(3, width = 16); stage (width = 16) { f }; head classifier(10) }
