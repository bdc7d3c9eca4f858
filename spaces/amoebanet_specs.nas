# AmoebaNet-A and -C (Real et al., 2019) as the released code specifies them. 556,627,761,561,600^2 genotypes.
# It also lists what joins the output of a cell, values among it that were read; here what nobody has read joins, as the
# paper says. At a stride its identity is a 1x1 convolution, and its 1x7 and 7x1 stand in a bottleneck.
use vision (identity, sep_conv, avg_pool, max_pool, dil_conv, conv_1xn_nx1, conv_bn, classifier)
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

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce; repeat N { normal } }
  stage (width = 4 * C) { reduce; repeat N { normal } }
  head  classifier(10)
}

genotype spec_a of cifar10 {
  normal.b[0] { from prev1, prev1; op avg_pool(3), max_pool(3) }
  normal.b[1] { from prev2, prev2; op sep_conv(3), identity }
  normal.b[2] { from prev1, prev2; op identity, avg_pool(3) }
  normal.b[3] { from prev1, b[0];  op sep_conv(3), sep_conv(5) }
  normal.b[4] { from b[3], prev1;  op avg_pool(3), sep_conv(3) }
  reduce.b[0] { from prev2, prev1; op sep_conv(3), avg_pool(3) }
  reduce.b[1] { from prev1, b[0];  op max_pool(3), sep_conv(7) }
  reduce.b[2] { from prev2, prev1; op max_pool(3), max_pool(3) }
  reduce.b[3] { from b[2], prev1;  op sep_conv(3), conv_1xn_nx1(7) }
  reduce.b[4] { from prev2, prev1; op avg_pool(3), sep_conv(7) }
}

genotype spec_c of cifar10 {
  normal.b[0] { from prev1, prev1; op avg_pool(3), sep_conv(3) }
  normal.b[1] { from prev1, prev1; op identity, sep_conv(3) }
  normal.b[2] { from b[0], prev2;  op avg_pool(3), sep_conv(3) }
  normal.b[3] { from prev1, prev2; op identity, sep_conv(3) }
  normal.b[4] { from b[1], prev1;  op avg_pool(3), sep_conv(3) }
  reduce.b[0] { from prev1, prev1; op max_pool(3), max_pool(3) }
  reduce.b[1] { from b[0], prev1;  op sep_conv(7), sep_conv(3) }
  reduce.b[2] { from prev1, prev2; op sep_conv(7), max_pool(3) }
  reduce.b[3] { from b[2], b[2];   op sep_conv(5), sep_conv(5) }
  reduce.b[4] { from prev2, prev2; op max_pool(3), sep_conv(3) }
}
