# OFA: (9^2+9^3+9^4)^5; x25 with the resolution
use mobile (mbconv, conv_bn, classifier)
block layer { mbconv(k = 3 | 5 | 7, expand = 3 | 4 | 6) }
net imagenet {
  input image(3, one of 128..224 step 4)
  stem  conv_bn(3, width = 16, stride = 2)
  stage s0 (width = 16)              { mbconv(k = 3, expand = 1) }
  stage s1 (width = 24,  stride = 2) { repeat 2 | 3 | 4 { layer } }
  stage s2 (width = 40,  stride = 2) { repeat 2 | 3 | 4 { layer } }
  stage s3 (width = 80,  stride = 2) { repeat 2 | 3 | 4 { layer } }
  stage s4 (width = 112)             { repeat 2 | 3 | 4 { layer } }
  stage s5 (width = 160, stride = 2) { repeat 2 | 3 | 4 { layer } }
  head  classifier(1000, hidden = 960)
}
