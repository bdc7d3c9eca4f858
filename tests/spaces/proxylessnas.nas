# ProxylessNAS: 6^6 * 7^15, six or seven flat candidates a block (published alphas: 21 lists of 6 or 7)
use mobile (mbconv, conv_bn, identity, classifier)
ops six = [mbconv(k = each [3, 5, 7], expand = each [3, 6])]
block first { one of six }
block rest  { one of [*six, identity] }
net imagenet {
  input image(3, 224, 224)
  stem  conv_bn(3, width = 32, stride = 2)
  stage s0 (width = 16)              { mbconv(k = 3, expand = 1) }
  stage s1 (width = 24,  stride = 2) { first; repeat 3 { rest } }
  stage s2 (width = 40,  stride = 2) { first; repeat 3 { rest } }
  stage s3 (width = 80,  stride = 2) { first; repeat 3 { rest } }
  stage s4 (width = 96)              { first; repeat 3 { rest } }
  stage s5 (width = 192, stride = 2) { first; repeat 3 { rest } }
  stage s6 (width = 320)             { first }
  head  classifier(1000, hidden = 1280)
}
