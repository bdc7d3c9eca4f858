# TF-NAS (Hu et al., 2020): depth of six stages, and kernel, expansion and squeeze-excite of each layer.
# 34,480,447,193,088,000 genotypes, at the full width of every expansion.
use mobile (mbconv, mbconv1, squeeze_excite, conv_bn_relu, conv_classifier, relu, swish)

# The squeezed width is 1/3 of the inner one.
block mbi(k, expand, act)    { mbconv(k, expand, act = act) }
block mbi_se(k, expand, act) { mbconv(k, expand, act = act, se = squeeze_excite(expand // 3 * in, act = act)) }
block early                  { one of [mbi(each [3, 5], each [3, 6], relu), mbi_se(each [3, 5], each [3, 6], relu)] }
block layer                  { one of [mbi(each [3, 5], each [3, 6], swish), mbi_se(each [3, 5], each [3, 6], swish)] }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu(3, width = 32, stride = 2)
  stage s0 (width = 16)              { mbconv1(3, act = relu, se = squeeze_excite(8)) }
  stage s1 (width = 24,  stride = 2) { repeat 1..2 { early } }
  stage s2 (width = 40,  stride = 2) { repeat 1..3 { layer } }
  stage s3 (width = 80,  stride = 2) { repeat 1..4 { layer } }
  stage s4 (width = 112)             { repeat 1..4 { layer } }
  stage s5 (width = 192, stride = 2) { repeat 1..4 { layer } }
  stage s6 (width = 320)             { layer }
  head  conv_classifier(1000, hidden = 1280, act = swish)
}
