# NASNet (Zoph et al., 2018): a cell of five blocks; each joins two earlier states through two operations.
# Every convolution is ReLU, convolution, batch norm; a separable one is applied twice (appendix A.4).
use vision (identity, relu_conv_bn, sep_conv, dil_conv, conv_1xn_nx1, avg_pool, max_pool, conv_bn, relu, classifier)
param N = 6   # normal cells a stage
param C = 32  # channels of the first stage
ops nasnet = [
  identity, conv_1xn_nx1(3), conv_1xn_nx1(7), dil_conv(3), avg_pool(3),
  max_pool(3), max_pool(5), max_pool(7), relu_conv_bn(1), relu_conv_bn(3),
  sep_conv(3), sep_conv(5), sep_conv(7),
]
cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  align edges needed relu_conv_bn(1)  # a concat is wider than the cell
  node b[5] {
    from  pick 2 of earlier with repeats
    op    one of nasnet
    merge add | concat
    width free
  }
  out concat(unused(b))
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

# NASNet-A (figure 4), with the skeletons and the stems of DARTS's code.
genotype nasnet_a of cifar10 {
  normal.b[0] { from prev1, prev2; op sep_conv(5), sep_conv(3); merge add }
  normal.b[1] { from prev2, prev2; op sep_conv(5), sep_conv(3); merge add }
  normal.b[2] { from prev1, prev2; op avg_pool(3), identity;    merge add }
  normal.b[3] { from prev2, prev2; op avg_pool(3), avg_pool(3); merge add }
  normal.b[4] { from prev1, prev1; op sep_conv(3), identity;    merge add }
  reduce.b[0] { from prev1, prev2; op sep_conv(5), sep_conv(7); merge add }
  reduce.b[1] { from prev1, prev2; op max_pool(3), sep_conv(7); merge add }
  reduce.b[2] { from prev1, prev2; op avg_pool(3), sep_conv(5); merge add }
  reduce.b[3] { from b[1], b[0];   op identity, avg_pool(3);    merge add }
  reduce.b[4] { from b[0], prev1;  op sep_conv(3), max_pool(3); merge add }
}
