# NASNet-A (Zoph et al., 2018) and AmoebaNet-A (Real et al., 2019) as DARTS (Liu et al., 2019) builds them: five nodes of two
# inputs and AmoebaNet's eight operations. 309,834,464,941,077,422,470,594,560,000 genotypes.
use vision (
  identity, sep_conv, dil_conv, conv_1xn_nx1, avg_pool, max_pool, conv_bn, relu_conv_bn, aux_cifar, aux_imagenet,
  classifier,
)
ops amoeba = [identity, sep_conv(each [3, 5, 7]), avg_pool(3), max_pool(3), dil_conv(3), conv_1xn_nx1(7)]

cell normal(prev2, prev1) {
  node n[5] { from pick 2 of earlier with repeats; op one of amoeba; merge add }
  out concat(unused(n))
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

genotype nasnet_a of cifar10 {
  normal.n[0] { from prev1, prev2; op sep_conv(5), sep_conv(3) }
  normal.n[1] { from prev2, prev2; op sep_conv(5), sep_conv(3) }
  normal.n[2] { from prev1, prev2; op avg_pool(3), identity }
  normal.n[3] { from prev2, prev2; op avg_pool(3), avg_pool(3) }
  normal.n[4] { from prev1, prev1; op sep_conv(3), identity }
  reduce.n[0] { from prev1, prev2; op sep_conv(5), sep_conv(7) }
  reduce.n[1] { from prev1, prev2; op max_pool(3), sep_conv(7) }
  reduce.n[2] { from prev1, prev2; op avg_pool(3), sep_conv(5) }
  reduce.n[3] { from n[1], n[0];   op identity, avg_pool(3) }
  reduce.n[4] { from n[0], prev1;  op sep_conv(3), max_pool(3) }
}
genotype amoebanet_a of cifar10 {
  normal.n[0] { from prev2, prev1; op avg_pool(3), max_pool(3) }
  normal.n[1] { from prev2, n[0];  op sep_conv(3), sep_conv(5) }
  normal.n[2] { from prev2, n[1];  op sep_conv(3), avg_pool(3) }
  normal.n[3] { from prev1, prev1; op sep_conv(3), identity }
  normal.n[4] { from prev2, prev1; op identity, avg_pool(3) }
  reduce.n[0] { from prev2, prev1; op avg_pool(3), sep_conv(3) }
  reduce.n[1] { from prev2, n[0];  op max_pool(3), sep_conv(7) }
  reduce.n[2] { from prev2, prev1; op sep_conv(7), avg_pool(3) }
  reduce.n[3] { from prev2, prev1; op max_pool(3), max_pool(3) }
  reduce.n[4] { from prev2, n[3];  op conv_1xn_nx1(7), sep_conv(3) }
}
