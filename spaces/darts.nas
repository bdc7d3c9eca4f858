# DARTS (Liu et al., 2019), and its two published points, found with first and second order.
use vision (identity, sep_conv, dil_conv, avg_pool, max_pool, conv_bn, relu_conv_bn, classifier)

param N = 6   # normal cells a stage
param C = 36  # channels of the first stage

ops darts = [
  max_pool(3), avg_pool(3), identity,
  sep_conv(3), sep_conv(5), dil_conv(3), dil_conv(5),
]

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)  # at a stride: a factorised reduction
  node n[4] {
    from  pick 2 of earlier
    op    one of darts
    merge add
  }
  out concat(n)
}

cell reduce = fresh normal(stride = 2)

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce; repeat N { normal } }
  stage (width = 4 * C) { reduce; repeat N { normal } }
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
