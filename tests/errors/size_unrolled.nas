use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

block b1 { repeat 100 { max_pool(3) } }
block b2 { repeat 100 { b1 } }
block b3 { repeat 100 { b2 } }

net search {
  input image(3, 32, 32)
  stage (width = 16) { b3 }
}
