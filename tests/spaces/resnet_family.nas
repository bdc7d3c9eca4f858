# DARTS-NDS style ResNet family: numbers from ranges
use vision (basic_block, conv_bn_relu, classifier)
net family {
  input image(3, 32, 32)
  stem  conv_bn_relu(3, width = 16)
  stage a (width = one of 16..256 step 16)             { repeat 1..16 { basic_block } }
  stage b (width = one of 16..256 step 16, stride = 2) { body: repeat 1..16 { basic_block } }
  stage c (width = one of 16..256 step 16, stride = 2) { repeat 1..16 { basic_block } }
  head  classifier(10)
}
require a.width <= b.width and b.width <= c.width
