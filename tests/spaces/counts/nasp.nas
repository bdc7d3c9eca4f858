# NASP (Yao et al., 2020): two different inputs a node; eight operations in the normal cell, five in the other.
use vision (identity, sep_conv, dil_conv, max_pool, avg_pool, conv_bn_relu, relu_conv_bn, conv_bn, classifier)
ops eight = [
  identity, conv_bn_relu(1), conv_bn_relu(3), sep_conv(3), sep_conv(5), sep_conv(7), dil_conv(3), dil_conv(5),
]
ops five = [identity, max_pool(3), avg_pool(3), max_pool(5), max_pool(7)]

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[4] { from pick 2 of earlier; op one of eight; merge add }
  out concat(n)
}

cell reduce(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[4] { from pick 2 of earlier; op one of five; merge add }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { normal; reduce }
  head  classifier(10)
}
