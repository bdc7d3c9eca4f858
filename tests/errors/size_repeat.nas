use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

net search {
  input image(3, 32, 32)
  stage (width = 16) { repeat 1000000000 { sep_conv(3) } }
  stage (width = 16) { repeat -1 { sep_conv(3) } }
  stage (width = 16) { repeat 2.5 { sep_conv(3) } }
  stage (width = 16) { repeat 1000 { repeat 1000 { sep_conv(3) } } }
}
