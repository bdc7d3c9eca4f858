# AmoebaNet on ImageNet: two reduction cells as stem; loose ends may be ports: `unused` alone
use vision (
  identity, sep_conv, avg_pool, max_pool, dil_conv, conv_1xn_nx1, conv_bn, factorized_reduction, aux_classifier,
  classifier,
)
param N = 4
param C = 48
ops amoeba = [identity, sep_conv(3), sep_conv(5), sep_conv(7), avg_pool(3), max_pool(3), dil_conv(3), conv_1xn_nx1(7)]
cell normal(prev2, prev1) {
  node b[5] { from pick 2 of earlier with repeats; op one of amoeba; merge add }
  out concat(unused)
}
cell reduce = fresh normal(stride = 2)
net imagenet {
  input image(3, 331, 331)
  stem  conv_bn(3, width = 32, stride = 2)
  stage (width = C // 4) { reduce }
  stage (width = C // 2) { reduce }
  stage (width = C)      { repeat N { normal } }
  stage (width = 2 * C)  { reduce; repeat N { normal } }
  stage (width = 4 * C)  { reduce; tap aux aux_classifier(1000, weight = 0.4); repeat N { normal } }
  head  classifier(1000)
}
