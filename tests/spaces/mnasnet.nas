# MnasNet: every layer of a block alike. 3 ops * 2 k * 2 se * 3 skip * 3 width * 4 depth = 432 a block; 432^5
use mobile (conv_op, dconv_op, mbconv, conv_bn, pool_skip, identity_skip, no_skip, classifier)
block unit {
  let k    = 3 | 5
  let se   = 0 | 0.25
  let skip = pool_skip | identity_skip | no_skip
  let conv = one of [conv_op(k, se = se), dconv_op(k, se = se), mbconv(k, expand = 6, se = se)]
  repeat 1..4 { skip(conv) }
}
net imagenet {
  input image(3, 224, 224)
  stem  conv_bn(3, width = 32, stride = 2)
  stage s1 (width = 16 * 3 // 4 | 16 | 20, stride = 1) { unit }
  stage s2 (width = 18 | 24 | 30,          stride = 2) { unit }
  stage s3 (width = 30 | 40 | 50,          stride = 2) { unit }
  stage s4 (width = 60 | 80 | 100,         stride = 2) { unit }
  stage s5 (width = 120 | 160 | 200,       stride = 2) { unit }
  head  classifier(1000)
}
