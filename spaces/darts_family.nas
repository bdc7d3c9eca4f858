# DARTS's space in PC-DARTS (Xu et al., 2020) and P-DARTS (Chen et al., 2019). 1,076,746,950,455,072,400 genotypes.
use vision (
  identity, sep_conv, dil_conv, avg_pool, max_pool, conv_bn, relu_conv_bn, aux_cifar, aux_imagenet, classifier,
)
ops darts = [max_pool(3), avg_pool(3), identity, sep_conv(each [3, 5]), dil_conv(each [3, 5])]

cell normal(prev2, prev1) {
  node n[4] { from pick 2 of earlier; op one of darts; merge add }
  out concat(n)
}
cell reduce = fresh normal(stride = 2)

net cifar10 {
  input image(3, 32, 32); stem conv_bn(3, width = 108)
  stage (width = 36)  { repeat 6 { normal } }
  stage (width = 72)  { reduce; repeat 6 { normal } }
  stage (width = 144) { reduce; tap aux aux_cifar(10, weight = 0.4); repeat 6 { normal } }
  head  classifier(10)
}
net imagenet {
  input image(3, 224, 224); stem conv_bn(3, width = 24, stride = 2)
  stem  relu_conv_bn(3, width = 48, stride = 2)
  stem  relu_conv_bn(3, width = 48, stride = 2)
  stage (width = 48)  { repeat 4 { normal } }
  stage (width = 96)  { reduce; repeat 4 { normal } }
  stage (width = 192) { reduce; tap aux aux_imagenet(1000, weight = 0.4); repeat 4 { normal } }
  head  classifier(1000)
}

genotype pc_darts_cifar of cifar10 {
  normal.n[0] { from prev2, prev1; op identity, sep_conv(3) }
  normal.n[1] { from prev2, prev1; op sep_conv(3), dil_conv(3) }
  normal.n[2] { from prev2, prev1; op sep_conv(5), sep_conv(3) }
  normal.n[3] { from prev2, prev1; op avg_pool(3), dil_conv(3) }
  reduce.n[0] { from prev2, prev1; op max_pool(3), sep_conv(5) }
  reduce.n[1] { from prev1, n[0];  op sep_conv(5), sep_conv(5) }
  reduce.n[2] { from prev2, n[1];  op sep_conv(3), sep_conv(3) }
  reduce.n[3] { from prev1, n[0];  op sep_conv(3), sep_conv(3) }
}
genotype pc_darts_image of cifar10 {
  normal.n[0] { from prev2, prev1; op sep_conv(3), identity }
  normal.n[1] { from prev2, prev1; op sep_conv(3), identity }
  normal.n[2] { from prev1, n[1];  op sep_conv(3), sep_conv(3) }
  normal.n[3] { from prev1, n[2];  op sep_conv(3), dil_conv(5) }
  reduce.n[0] { from prev2, prev1; op sep_conv(3), identity }
  reduce.n[1] { from prev1, n[0];  op max_pool(3), dil_conv(5) }
  reduce.n[2] { from prev1, n[0];  op sep_conv(3), sep_conv(3) }
  reduce.n[3] { from prev2, n[1];  op sep_conv(5), sep_conv(3) }
}
genotype p_darts of cifar10 {
  normal.n[0] { from prev2, prev1; op identity, dil_conv(3) }
  normal.n[1] { from prev2, prev1; op identity, sep_conv(3) }
  normal.n[2] { from prev1, n[1];  op sep_conv(3), sep_conv(3) }
  normal.n[3] { from prev2, n[2];  op sep_conv(3), dil_conv(5) }
  reduce.n[0] { from prev2, prev1; op avg_pool(3), sep_conv(5) }
  reduce.n[1] { from prev2, n[0];  op sep_conv(3), dil_conv(5) }
  reduce.n[2] { from prev2, prev1; op max_pool(3), dil_conv(3) }
  reduce.n[3] { from prev1, n[1];  op dil_conv(3), dil_conv(5) }
}
