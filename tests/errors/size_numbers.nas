use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

param a = 1000000 * 1000000 * 1000000
param b = 10 // 0
param c = identity + 1
param d = 1 | 2

net search {
  input image(3, 32, 32)
  stage (width = a) { sep_conv(b) }
  stage (width = c) { sep_conv(d) }
  stage (width = 16) { sep_conv(3 - 3 | 5 // (1 - 1)) }
}
