use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

let w = 0 | 16

net search {
  input image(3, 32, 32)
  stage (width = w) { sep_conv(3) }
}
