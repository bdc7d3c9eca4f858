# MobileNetV3 (Howard et al., 2019) as points of a space: kernel, inner channels and squeeze-excite of every layer.
# The paper names no size. Here `large` has 11,931,426,477,175,113,917,661,184 genotypes, 4 * 56^14, and `small` 4 * 56^10.
use mobile (bottleneck, mbconv1, squeeze_excite_v3, conv_bn_hswish, late_classifier, relu, hswish, identity)

block k3(inner, act)    { bottleneck(3, inner, act = act, eps = 1e-3) }
block k5(inner, act)    { bottleneck(5, inner, act = act, eps = 1e-3) }
block k3_se(inner, act) { bottleneck(3, inner, act = act, se = squeeze_excite_v3, eps = 1e-3) }
block k5_se(inner, act) { bottleneck(5, inner, act = act, se = squeeze_excite_v3, eps = 1e-3) }
# The numbers of inner channels are those that one of the two networks has.
block layer(act) {
  let kind = k3 | k5 | k3_se | k5_se
  kind(one of [64, 72, 88, 96, 120, 144, 184, 200, 240, 288, 480, 576, 672, 960], act)
}
block first { mbconv1(3 | 5, act = relu, se = identity | squeeze_excite_v3, eps = 1e-3) }

net large {
  input image(3, 224, 224)
  stem  conv_bn_hswish(3, eps = 1e-3, width = 16, stride = 2)
  stage s0 (width = 16)              { first }
  stage s1 (width = 24,  stride = 2) { repeat 2 { layer(relu) } }
  stage s2 (width = 40,  stride = 2) { repeat 3 { layer(relu) } }
  stage s3 (width = 80,  stride = 2) { repeat 4 { layer(hswish) } }
  stage s4 (width = 112)             { repeat 2 { layer(hswish) } }
  stage s5 (width = 160, stride = 2) { repeat 3 { layer(hswish) } }
  head  late_classifier(1000, hidden = 960, features = 1280, drop = 0.2, eps = 1e-3)
}

net small {
  input image(3, 224, 224)
  stem  conv_bn_hswish(3, eps = 1e-3, width = 16, stride = 2)
  stage s0 (width = 16, stride = 2) { first }
  stage s1 (width = 24, stride = 2) { repeat 2 { layer(relu) } }
  stage s2 (width = 40, stride = 2) { repeat 3 { layer(hswish) } }
  stage s3 (width = 48)             { repeat 2 { layer(hswish) } }
  stage s4 (width = 96, stride = 2) { repeat 3 { layer(hswish) } }
  head  late_classifier(1000, hidden = 576, features = 1024, drop = 0.2, eps = 1e-3)
}

genotype mobilenetv3_large of large {
  large.s0.k = 3;           large.s0.se = identity
  large.s1[0].kind = k3;    large.s1[0].inner = 64;  large.s1[1].kind = k3;    large.s1[1].inner = 72
  large.s2[0].kind = k5_se; large.s2[0].inner = 72;  large.s2[1].kind = k5_se; large.s2[1].inner = 120
  large.s2[2].kind = k5_se; large.s2[2].inner = 120
  large.s3[0].kind = k3;    large.s3[0].inner = 240; large.s3[1].kind = k3;    large.s3[1].inner = 200
  large.s3[2].kind = k3;    large.s3[2].inner = 184; large.s3[3].kind = k3;    large.s3[3].inner = 184
  large.s4[0].kind = k3_se; large.s4[0].inner = 480; large.s4[1].kind = k3_se; large.s4[1].inner = 672
  large.s5[0].kind = k5_se; large.s5[0].inner = 672; large.s5[1].kind = k5_se; large.s5[1].inner = 960
  large.s5[2].kind = k5_se; large.s5[2].inner = 960
}

genotype mobilenetv3_small of small {
  small.s0.k = 3;           small.s0.se = squeeze_excite_v3
  small.s1[0].kind = k3;    small.s1[0].inner = 72;  small.s1[1].kind = k3;    small.s1[1].inner = 88
  small.s2[0].kind = k5_se; small.s2[0].inner = 96;  small.s2[1].kind = k5_se; small.s2[1].inner = 240
  small.s2[2].kind = k5_se; small.s2[2].inner = 240
  small.s3[0].kind = k5_se; small.s3[0].inner = 120; small.s3[1].kind = k5_se; small.s3[1].inner = 144
  small.s4[0].kind = k5_se; small.s4[0].inner = 288; small.s4[1].kind = k5_se; small.s4[1].inner = 576
  small.s4[2].kind = k5_se; small.s4[2].inner = 576
}
