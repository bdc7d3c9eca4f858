# NASP (Yao et al., 2020): DARTS with eight operations in one cell and five in the other. 212,336,640,000,000,000 genotypes.
use vision (
  identity, conv_1xn_nx1, dil_conv, relu_conv_bn, sep_conv, avg_pool, max_pool, conv_bn, aux_cifar, classifier,
)
param N = 6   # normal cells a stage of the net cifar10
param C = 36  # channels of its first stage
ops convs = [identity, conv_1xn_nx1(3), dil_conv(3), relu_conv_bn(each [1, 3]), sep_conv(each [3, 5, 7])]
ops pools = [identity, avg_pool(3), max_pool(each [3, 5, 7])]

cell normal(prev2, prev1) {
  node n[4] { from pick 2 of earlier; op one of convs; merge add }
  out concat(n)
}

cell reduce(prev2, prev1) {
  node n[4] { from pick 2 of earlier; op one of pools; merge add }
  out concat(n)
}

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce(stride = 2); repeat N { normal } }
  stage (width = 4 * C) { reduce(stride = 2); tap aux aux_cifar(10, weight = 0.4); repeat N { normal } }
  head  classifier(10)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 48)
  stage (width = 16) { repeat 2 { normal } }
  stage (width = 32) { reduce(stride = 2); repeat 2 { normal } }
  stage (width = 64) { reduce(stride = 2); repeat 2 { normal } }
  head  classifier(10)
}
