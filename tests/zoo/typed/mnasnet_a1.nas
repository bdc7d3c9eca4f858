# MnasNet-A1 (Tan et al., 2019): some blocks squeeze to a quarter of what they receive.
use mobile (mbconv, mbconv1, squeeze_excite, conv_bn_relu, conv_classifier, relu)

block mb(k, expand)    { mbconv(k, expand, act = relu) }
block mb_se(k, expand) { mbconv(k, expand, act = relu, se = squeeze_excite(in // 4)) }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu(3, width = 32, stride = 2)
  stage (width = 16)              { mbconv1(3, act = relu) }
  stage (width = 24,  stride = 2) { repeat 2 { mb(3, 6) } }
  stage (width = 40,  stride = 2) { repeat 3 { mb_se(5, 3) } }
  stage (width = 80,  stride = 2) { repeat 4 { mb(3, 6) } }
  stage (width = 112)             { repeat 2 { mb_se(3, 6) } }
  stage (width = 160, stride = 2) { repeat 3 { mb_se(5, 6) } }
  stage (width = 320)             { mb(3, 6) }
  head  conv_classifier(1000, hidden = 1280, act = relu, drop = 0.2)
}
