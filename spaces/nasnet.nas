# NASNet (Zoph et al., 2018): a cell of five blocks; each joins two earlier states through two operations.
# Every convolution is ReLU, convolution, batch norm; a separable one is applied twice (appendix A.4).
use vision (identity, relu_conv_bn, sep_conv, dil_conv, conv_1xn_nx1, avg_pool, max_pool, conv_bn, classifier)

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

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce; repeat N { normal } }
  stage (width = 4 * C) { reduce; repeat N { normal } }
  head  classifier(10)
}
