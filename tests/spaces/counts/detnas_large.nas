# DetNAS (Chen et al., 2019), the large space: 40 blocks of four operations.
use vision (conv_bn_relu, conv_bn, classifier)
block one_of_four { conv_bn_relu(1 | 3 | 5 | 7) }

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { repeat 40 { one_of_four } }
  head  classifier(10)
}
