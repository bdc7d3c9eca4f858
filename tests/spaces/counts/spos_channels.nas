# Single Path One-Shot (Guo et al., 2019): 20 blocks of four operations, and of ten numbers of channels each.
use vision (conv_bn_relu, conv_bn, classifier)
block one_of_four(wide) { conv_bn_relu(1 | 3 | 5 | 7, width = wide); conv_bn_relu(1) }

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { repeat 20 { one_of_four(one of 2..20 step 2) } }
  head  classifier(10)
}
