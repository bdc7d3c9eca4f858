# Once-for-all (Cai et al., 2020): depth of five stages, kernel and expansion of each layer, resolution; on MobileNetV3.
# 543,966,387,314,312,146,275 genotypes: 7371^5 networks at 25 resolutions.
use mobile (mbconv, mbconv1, squeeze_excite_v3, conv_bn_hswish, late_classifier, relu, hswish, identity)

block layer(act, se) { mbconv(3 | 5 | 7, 3 | 4 | 6, act = act, se = se) }

net imagenet {
  input image(3, one of 128..224 step 4)
  stem  conv_bn_hswish(3, width = 16, stride = 2)
  stage s0 (width = 16)              { mbconv1(3, act = relu) }
  stage s1 (width = 24,  stride = 2) { repeat 2 | 3 | 4 { layer(relu, identity) } }
  stage s2 (width = 40,  stride = 2) { repeat 2 | 3 | 4 { layer(relu, squeeze_excite_v3) } }
  stage s3 (width = 80,  stride = 2) { repeat 2 | 3 | 4 { layer(hswish, identity) } }
  stage s4 (width = 112)             { repeat 2 | 3 | 4 { layer(hswish, squeeze_excite_v3) } }
  stage s5 (width = 160, stride = 2) { repeat 2 | 3 | 4 { layer(hswish, squeeze_excite_v3) } }
  head  late_classifier(1000, hidden = 960, features = 1280, bias = 0, drop = 0.1)
}

genotype largest of imagenet {
  imagenet.input.height = 224
  imagenet.s1 = 4; imagenet.s1[0].k = 7; imagenet.s1[0].expand = 6; imagenet.s1[1].k = 7; imagenet.s1[1].expand = 6
  imagenet.s1[2].k = 7; imagenet.s1[2].expand = 6; imagenet.s1[3].k = 7; imagenet.s1[3].expand = 6
  imagenet.s2 = 4; imagenet.s2[0].k = 7; imagenet.s2[0].expand = 6; imagenet.s2[1].k = 7; imagenet.s2[1].expand = 6
  imagenet.s2[2].k = 7; imagenet.s2[2].expand = 6; imagenet.s2[3].k = 7; imagenet.s2[3].expand = 6
  imagenet.s3 = 4; imagenet.s3[0].k = 7; imagenet.s3[0].expand = 6; imagenet.s3[1].k = 7; imagenet.s3[1].expand = 6
  imagenet.s3[2].k = 7; imagenet.s3[2].expand = 6; imagenet.s3[3].k = 7; imagenet.s3[3].expand = 6
  imagenet.s4 = 4; imagenet.s4[0].k = 7; imagenet.s4[0].expand = 6; imagenet.s4[1].k = 7; imagenet.s4[1].expand = 6
  imagenet.s4[2].k = 7; imagenet.s4[2].expand = 6; imagenet.s4[3].k = 7; imagenet.s4[3].expand = 6
  imagenet.s5 = 4; imagenet.s5[0].k = 7; imagenet.s5[0].expand = 6; imagenet.s5[1].k = 7; imagenet.s5[1].expand = 6
  imagenet.s5[2].k = 7; imagenet.s5[2].expand = 6; imagenet.s5[3].k = 7; imagenet.s5[3].expand = 6
}

genotype smallest of imagenet {
  imagenet.input.height = 224
  imagenet.s1 = 2; imagenet.s1[0].k = 3; imagenet.s1[0].expand = 3; imagenet.s1[1].k = 3; imagenet.s1[1].expand = 3
  imagenet.s2 = 2; imagenet.s2[0].k = 3; imagenet.s2[0].expand = 3; imagenet.s2[1].k = 3; imagenet.s2[1].expand = 3
  imagenet.s3 = 2; imagenet.s3[0].k = 3; imagenet.s3[0].expand = 3; imagenet.s3[1].k = 3; imagenet.s3[1].expand = 3
  imagenet.s4 = 2; imagenet.s4[0].k = 3; imagenet.s4[0].expand = 3; imagenet.s4[1].k = 3; imagenet.s4[1].expand = 3
  imagenet.s5 = 2; imagenet.s5[0].k = 3; imagenet.s5[0].expand = 3; imagenet.s5[1].k = 3; imagenet.s5[1].expand = 3
}
