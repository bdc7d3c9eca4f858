# FBNet-C (Wu et al., 2019).
use mobile (mbconv, conv_bn_relu, conv_classifier, relu)

block mb(k, expand) { mbconv(k, expand, act = relu) }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu(3, width = 16, stride = 2)
  stage (width = 16)              { mb(3, 1) }
  stage (width = 24,  stride = 2) { mb(3, 6); repeat 2 { mb(3, 1) } }
  stage (width = 32,  stride = 2) { mb(5, 6); mb(5, 3); mb(5, 6); mb(3, 6) }
  stage (width = 64,  stride = 2) { mb(5, 6); mb(5, 3); repeat 2 { mb(5, 6) } }
  stage (width = 112)             { repeat 3 { mb(5, 6) }; mb(5, 3) }
  stage (width = 184, stride = 2) { repeat 4 { mb(5, 6) } }
  stage (width = 352)             { mb(3, 6) }
  head  conv_classifier(1000, hidden = 1984, act = relu)
}
