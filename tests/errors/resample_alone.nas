use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
use primitives (resample)

cell f(x) {
  node n { from x; op resample | sep_conv(3) }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
