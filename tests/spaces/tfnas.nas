# TF-NAS: 72 * 584 * 4680^3 * 8; 18 alphas of 8 (flat), betas 2 3 4 4 4 1
use mobile (mbi, conv_bn, classifier)
ops eight = [mbi(k = each [3, 5], expand = each [3, 6], se = each [0, 1])]
block layer { one of eight }
net imagenet {
  input image(3, 224, 224)
  stem  conv_bn(3, width = 32, stride = 2)
  stage s0 (width = 16)              { mbi(k = 3, expand = 1, se = 0) }
  stage s1 (width = 24,  stride = 2) { repeat 1..2 { layer } }
  stage s2 (width = 40,  stride = 2) { repeat 1..3 { layer } }
  stage s3 (width = 80,  stride = 2) { repeat 1..4 { layer } }
  stage s4 (width = 112)             { repeat 1..4 { layer } }
  stage s5 (width = 192, stride = 2) { repeat 1..4 { layer } }
  stage s6 (width = 320)             { layer }
  head  classifier(1000, hidden = 1280)
}
