# Single-Path NAS (Stamoulis et al., 2019), found for the Pixel 1.
use mobile (mbconv, mbconv1, conv_bn_relu, conv_classifier, relu)

block mb(k, expand) { mbconv(k, expand, act = relu) }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu(3, width = 32, stride = 2)
  stage (width = 16)              { mbconv1(3, act = relu) }
  stage (width = 24,  stride = 2) { repeat 3 { mb(3, 3) } }
  stage (width = 40,  stride = 2) { mb(5, 6); repeat 3 { mb(3, 3) } }
  stage (width = 80,  stride = 2) { mb(5, 6); repeat 3 { mb(3, 3) } }
  stage (width = 96)              { mb(5, 6); repeat 3 { mb(5, 3) } }
  stage (width = 192, stride = 2) { repeat 4 { mb(5, 6) } }
  stage (width = 320)             { mb(3, 6) }
  head  conv_classifier(1000, hidden = 1280, act = relu)
}
