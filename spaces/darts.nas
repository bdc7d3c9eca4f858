# DARTS (Liu et al., 2019), and its points found with first and second order. 1,076,746,950,455,072,400 genotypes.
use vision (
  identity, sep_conv, dil_conv, avg_pool, max_pool, conv_bn, relu_conv_bn, aux_cifar, aux_imagenet, classifier,
)
param N = 6   # normal cells a stage of the net cifar10
param C = 36  # channels of its first stage
param S = 2   # normal cells a stage of the net search
ops darts = [max_pool(3), avg_pool(3), identity, sep_conv(each [3, 5]), dil_conv(each [3, 5])]

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)  # at a stride: a factorised reduction
  node n[4] { from pick 2 of earlier; op one of darts; merge add }
  out concat(n)
}
cell reduce = fresh normal(stride = 2)

net cifar10 {
  input image(3, 32, 32); stem conv_bn(3, width = 3 * C)
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce; repeat N { normal } }
  stage (width = 4 * C) { reduce; tap aux aux_cifar(10, weight = 0.4); repeat N { normal } }
  head  classifier(10)
}
net imagenet {
  input image(3, 224, 224);                      stem conv_bn(3, width = 24, stride = 2)
  stem  relu_conv_bn(3, width = 48, stride = 2); stem relu_conv_bn(3, width = 48, stride = 2)
  stage (width = 48)  { repeat 4 { normal } }
  stage (width = 96)  { reduce; repeat 4 { normal } }
  stage (width = 192) { reduce; tap aux aux_imagenet(1000, weight = 0.4); repeat 4 { normal } }
  head  classifier(1000)
}
net search {
  input image(3, 32, 32); stem conv_bn(3, width = 48)
  stage (width = 16) { repeat S { normal } }
  stage (width = 32) { reduce; repeat S { normal } }
  stage (width = 64) { reduce; repeat S { normal } }
  head  classifier(10)
}

genotype darts_v1 of cifar10 {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[1] { from prev2, prev1; op identity, sep_conv(3) }
  normal.n[2] { from prev2, prev1; op identity, sep_conv(3) }
  normal.n[3] { from prev2, n[0];  op sep_conv(3), identity }
  reduce.n[0] { from prev2, prev1; op max_pool(3), max_pool(3) }
  reduce.n[1] { from prev2, n[0];  op max_pool(3), identity }
  reduce.n[2] { from prev2, n[0];  op max_pool(3), identity }
  reduce.n[3] { from prev2, n[0];  op avg_pool(3), identity }
}
genotype darts_v2 of cifar10 {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[1] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[2] { from prev2, prev1; op identity, sep_conv(3) }
  normal.n[3] { from prev2, n[0];  op identity, dil_conv(3) }
  reduce.n[0] { from prev2, prev1; op max_pool(3), max_pool(3) }
  reduce.n[1] { from prev1, n[0];  op max_pool(3), identity }
  reduce.n[2] { from prev2, n[0];  op max_pool(3), identity }
  reduce.n[3] { from prev1, n[0];  op max_pool(3), identity }
}
