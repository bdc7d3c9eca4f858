# ProxylessNAS (Cai, Zhu and Han, 2019): kernel and expansion of 21 blocks, 15 of which may be skipped.
# 221,502,229,807,900,608 genotypes.
use mobile (mbconv, mbconv1, conv_bn_relu6, conv_classifier, identity)

param W   = 24    # channels of the first stage; proxyless_mobile was published with 32
param EPS = 1e-3  # of batch norm

block mb(k, expand) { mbconv(k, expand, eps = EPS) }
ops six = [mb(each [3, 5, 7], each [3, 6])]
block first { one of six }
block rest  { one of [*six, identity] }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu6(3, eps = EPS, width = 32, stride = 2)
  stage s0 (width = 16)              { mbconv1(3, eps = EPS) }
  stage s1 (width = W,   stride = 2) { first; repeat 3 { rest } }
  stage s2 (width = 40,  stride = 2) { first; repeat 3 { rest } }
  stage s3 (width = 80,  stride = 2) { first; repeat 3 { rest } }
  stage s4 (width = 96)              { first; repeat 3 { rest } }
  stage s5 (width = 192, stride = 2) { first; repeat 3 { rest } }
  stage s6 (width = 320)             { first }
  head  conv_classifier(1000, hidden = 1280, eps = EPS)
}

genotype proxyless_mobile of imagenet (W = 32) {
  imagenet.s1[0] = mb(5, 3); imagenet.s1[1][0] = mb(3, 3); imagenet.s1[1][1] = identity; imagenet.s1[1][2] = identity
  imagenet.s2[0] = mb(7, 3); imagenet.s2[1][0] = mb(3, 3); imagenet.s2[1][1] = mb(5, 3); imagenet.s2[1][2] = mb(5, 3)
  imagenet.s3[0] = mb(7, 6); imagenet.s3[1][0] = mb(5, 3); imagenet.s3[1][1] = mb(5, 3); imagenet.s3[1][2] = mb(5, 3)
  imagenet.s4[0] = mb(5, 6); imagenet.s4[1][0] = mb(5, 3); imagenet.s4[1][1] = mb(5, 3); imagenet.s4[1][2] = mb(5, 3)
  imagenet.s5[0] = mb(7, 6); imagenet.s5[1][0] = mb(7, 6); imagenet.s5[1][1] = mb(7, 3); imagenet.s5[1][2] = mb(7, 3)
  imagenet.s6 = mb(7, 6)
}
