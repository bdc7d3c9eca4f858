use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
use primitives (conv)

block divided(k) { conv(3, width = in // k) }
block raised(k) { conv(k * k * k * k) }

net search {
  input image(3, 32, 32)
  stage (width = 16) { divided(0) | raised(100000) | divided("a") }
}
