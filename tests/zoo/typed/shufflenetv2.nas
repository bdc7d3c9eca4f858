# ShuffleNetV2 (Ma et al., 2018), at width 1.
use mobile (shuffle_v2, shuffle_v2_down, conv_bn_relu, max_pool, conv_classifier, relu)

block entry { conv_bn_relu(3, stride = 2, width = width); max_pool(3, stride = 2) }

net imagenet {
  input image(3, 224, 224)
  stem  entry(width = 24)
  stage (width = 116, stride = 2) { shuffle_v2_down(3); repeat 3 { shuffle_v2(3) } }
  stage (width = 232, stride = 2) { shuffle_v2_down(3); repeat 7 { shuffle_v2(3) } }
  stage (width = 464, stride = 2) { shuffle_v2_down(3); repeat 3 { shuffle_v2(3) } }
  head  conv_classifier(1000, hidden = 1024, act = relu)
}
