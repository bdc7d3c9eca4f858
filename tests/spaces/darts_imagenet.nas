# DARTS on ImageNet: two stems fill the window (prev2 = stem0 at 1/4, prev1 = stem1 at 1/8)
use vision (
  identity, sep_conv, dil_conv, avg_pool, max_pool, conv_bn, relu, relu_conv_bn, factorized_reduction, aux_classifier,
  classifier,
)
ops darts = [max_pool(3), avg_pool(3), identity, sep_conv(3), sep_conv(5), dil_conv(3), dil_conv(5)]
param C = 48
block stem0 { conv_bn(3, width = C // 2, stride = 2); relu; conv_bn(3, width = C, stride = 2) }
block stem1 { relu; conv_bn(3, width = C, stride = 2) }
cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[4] { from pick 2 of earlier; op one of darts; merge add }
  out concat(n)
}
cell reduce = fresh normal(stride = 2)
net imagenet {
  input image(3, 224, 224)
  stem  stem0
  stem  stem1
  stage (width = C)     { repeat 4 { normal } }
  stage (width = 2 * C) { reduce; repeat 4 { normal } }
  stage (width = 4 * C) { reduce; tap aux aux_classifier(1000, weight = 0.4); repeat 4 { normal } }
  head  classifier(1000)
}
genotype darts_v2 of imagenet (C = 48) {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[1] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[2] { from prev2, prev1; op identity, sep_conv(3) }
  normal.n[3] { from prev2, n[0];  op identity, dil_conv(3) }
  reduce.n[0] { from prev2, prev1; op max_pool(3), max_pool(3) }
  reduce.n[1] { from prev1, n[0];  op max_pool(3), identity }
  reduce.n[2] { from prev2, n[0];  op max_pool(3), identity }
  reduce.n[3] { from prev1, n[0];  op max_pool(3), identity }
}
