use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

net search {
  input image(3, 32, 32)
  head  classifier(10)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { sep_conv(3) }
}

net other {
  stem  conv_bn(3, width = 16)
  input image(3, 32, 32)
}
