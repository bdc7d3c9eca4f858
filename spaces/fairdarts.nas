# FairDARTS (Chu et al., 2020): every operation of every edge has a gate of its own, 2^196 genotypes.
# What it trains in the end has one or two inputs a node: net cifar10.
use vision (identity, sep_conv, dil_conv, avg_pool, max_pool, conv_bn, aux_cifar, classifier)
ops darts = [max_pool(3), avg_pool(3), identity, sep_conv(each [3, 5]), dil_conv(each [3, 5])]

cell gates(prev2, prev1) {
  node n[4] { from all of earlier; op some of darts; merge add }
  out concat(n)
}
cell gates_reduce = fresh gates(stride = 2)

cell normal(prev2, prev1) {
  node n[4] { from pick 1..2 of earlier; op one of darts; merge add }
  out concat(n)
}
cell reduce = fresh normal(stride = 2)

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 48)
  stage (width = 16) { repeat 2 { gates } }
  stage (width = 32) { gates_reduce; repeat 2 { gates } }
  stage (width = 64) { gates_reduce; repeat 2 { gates } }
  head  classifier(10)
}
net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 108)
  stage (width = 36)  { repeat 6 { normal } }
  stage (width = 72)  { reduce; repeat 6 { normal } }
  stage (width = 144) { reduce; tap aux aux_cifar(10, weight = 0.4); repeat 6 { normal } }
  head  classifier(10)
}

genotype fairdarts_b of cifar10 {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[1] { from prev1;        op sep_conv(3) }
  normal.n[2] { from prev2, prev1; op dil_conv(3), sep_conv(5) }
  normal.n[3] { from prev1;        op dil_conv(5) }
  reduce.n[0] { from prev2, prev1; op identity, dil_conv(3) }
  reduce.n[1] { from prev2, prev1; op identity, dil_conv(3) }
  reduce.n[2] { from prev2, prev1; op max_pool(3), sep_conv(3) }
  reduce.n[3] { from prev2, n[0];  op max_pool(3), identity }
}
genotype fairdarts_d of cifar10 {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(5) }
  normal.n[1] { from prev2, prev1; op max_pool(3), dil_conv(3) }
  normal.n[2] { from prev2, prev1; op dil_conv(3), dil_conv(3) }
  normal.n[3] { from prev2, prev1; op sep_conv(3), dil_conv(5) }
  reduce.n[0] { from prev2, prev1; op max_pool(3), sep_conv(5) }
  reduce.n[1] { from prev2, n[0];  op avg_pool(3), dil_conv(5) }
  reduce.n[2] { from prev2, n[1];  op avg_pool(3), dil_conv(3) }
  reduce.n[3] { from prev2, n[1];  op avg_pool(3), identity }
}
