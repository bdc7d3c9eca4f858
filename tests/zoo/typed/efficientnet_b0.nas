# EfficientNet-B0 (Tan and Le, 2019).
use mobile (mbconv, mbconv1, squeeze_excite, conv_bn_swish, conv_classifier, swish)

block mb1(k)        { mbconv1(k, act = swish, se = squeeze_excite(in // 4, act = swish)) }
block mb(k, expand) { mbconv(k, expand, act = swish, se = squeeze_excite(in // 4, act = swish)) }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_swish(3, width = 32, stride = 2)
  stage (width = 16)              { mb1(3) }
  stage (width = 24,  stride = 2) { repeat 2 { mb(3, 6) } }
  stage (width = 40,  stride = 2) { repeat 2 { mb(5, 6) } }
  stage (width = 80,  stride = 2) { repeat 3 { mb(3, 6) } }
  stage (width = 112)             { repeat 3 { mb(5, 6) } }
  stage (width = 192, stride = 2) { repeat 4 { mb(5, 6) } }
  stage (width = 320)             { mb(3, 6) }
  head  conv_classifier(1000, hidden = 1280, act = swish, drop = 0.2)
}
