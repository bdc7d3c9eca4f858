# SPOS / DetNAS: 4^20
use mobile (shuffle, shuffle_x, conv_bn, classifier)
ops shuffles = [shuffle(3), shuffle(5), shuffle(7), shuffle_x]
block layer { one of shuffles }
net imagenet {
  input image(3, 224, 224)
  stem  conv_bn(3, width = 16, stride = 2)
  stage s1 (width = 64,  stride = 2) { repeat 4 { layer } }
  stage s2 (width = 160, stride = 2) { repeat 4 { layer } }
  stage s3 (width = 320, stride = 2) { repeat 8 { layer } }
  stage s4 (width = 640, stride = 2) { repeat 4 { layer } }
  head  classifier(1000, hidden = 1024)
}
