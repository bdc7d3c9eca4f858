# MobileNetV2 (Sandler et al., 2018).
use mobile (mbconv, mbconv1, conv_bn_relu6, conv_classifier)

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu6(3, width = 32, stride = 2)
  stage (width = 16)              { mbconv1(3) }
  stage (width = 24,  stride = 2) { repeat 2 { mbconv(3, 6) } }
  stage (width = 32,  stride = 2) { repeat 3 { mbconv(3, 6) } }
  stage (width = 64,  stride = 2) { repeat 4 { mbconv(3, 6) } }
  stage (width = 96)              { repeat 3 { mbconv(3, 6) } }
  stage (width = 160, stride = 2) { repeat 3 { mbconv(3, 6) } }
  stage (width = 320)             { mbconv(3, 6) }
  head  conv_classifier(1000, hidden = 1280, drop = 0.2)
}
