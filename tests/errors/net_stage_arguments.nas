use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

net search {
  input image(3, 32, 32)
  stage (widht = 16) { sep_conv(3) }
  stage (width = 0) { sep_conv(3) }
  stage (16, width = 32) { sep_conv(3) }
  stage (width = 16, stride = 1.5) { sep_conv(3) }
  stage (width = 16, 2) { sep_conv(3) }
  stage (stride = 2) { }
  stage (width = 16, stride = 2, depth = 3) { sep_conv(3) }
  stage (width = identity) { sep_conv(3) }
}
