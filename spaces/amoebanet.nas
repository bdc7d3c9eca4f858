# AmoebaNet (Real et al., 2019): the cells of NASNet with eight operations and sums. 556,627,761,561,600^2 genotypes.
use vision (identity, sep_conv, avg_pool, max_pool, dil_conv, conv_1xn_nx1, conv_bn, relu, classifier)

param N = 6   # normal cells a stage
param C = 36  # channels of the first stage

ops amoeba = [identity, sep_conv(3), sep_conv(5), sep_conv(7), avg_pool(3), max_pool(3), dil_conv(3), conv_1xn_nx1(7)]

cell normal(prev2, prev1) {
  node b[5] {
    from  pick 2 of earlier with repeats
    op    one of amoeba
    merge add
  }
  out concat(unused)
}

cell reduce = fresh normal(stride = 2)

block stem0 { conv_bn(3, width = C // 2, stride = 2); relu; conv_bn(3, width = C, stride = 2) }
block stem1 { relu; conv_bn(3, width = C, stride = 2) }

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce; repeat N { normal } }
  stage (width = 4 * C) { reduce; repeat N { normal } }
  head  classifier(10)
}

net imagenet {
  input image(3, 224, 224)
  stem  stem0
  stem  stem1
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce; repeat N { normal } }
  stage (width = 4 * C) { reduce; repeat N { normal } }
  head  classifier(1000)
}

# AmoebaNet-A, with the skeletons and the stems of DARTS's code.
genotype amoebanet_a of cifar10 {
  normal.b[0] { from prev2, prev1; op avg_pool(3), max_pool(3) }
  normal.b[1] { from prev2, b[0];  op sep_conv(3), sep_conv(5) }
  normal.b[2] { from prev2, b[1];  op sep_conv(3), avg_pool(3) }
  normal.b[3] { from prev1, prev1; op sep_conv(3), identity }
  normal.b[4] { from prev2, prev1; op identity, avg_pool(3) }
  reduce.b[0] { from prev2, prev1; op avg_pool(3), sep_conv(3) }
  reduce.b[1] { from prev2, b[0];  op max_pool(3), sep_conv(7) }
  reduce.b[2] { from prev2, prev1; op sep_conv(7), avg_pool(3) }
  reduce.b[3] { from prev2, prev1; op max_pool(3), max_pool(3) }
  reduce.b[4] { from prev2, b[3];  op conv_1xn_nx1(7), sep_conv(3) }
}
