use vision (sep_conv, relu_conv_bn, conv_bn, classifier)

cell f(a, state h) {
  align reads needed relu_conv_bn(1)
  out a
}

net n { input image(3, 32, 32); stem conv_bn(3, width = 16); stage (width = 16) { f }; head classifier(10) }
