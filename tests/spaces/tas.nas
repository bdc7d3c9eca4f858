# TAS: width of every layer, depth of every stage of a ResNet
use vision (conv_bn, conv_bn_relu, classifier)
param D = 9
param C = 16
block basic(full) {
  shortcut {
    conv_bn_relu(3, width = one of [full * 3 // 10, full // 2, full * 7 // 10, full])
    conv_bn(3, width = one of [full * 3 // 10, full // 2, full * 7 // 10, full])
  }
}
net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn_relu(3, width = 16)
  stage (width = C)                 { repeat 1..D { basic(full = C) } }
  stage (width = 2 * C, stride = 2) { repeat 1..D { basic(full = 2 * C) } }
  stage (width = 4 * C, stride = 2) { repeat 1..D { basic(full = 4 * C) } }
  head  classifier(10)
}
