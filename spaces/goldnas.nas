# GOLD-NAS (Bi et al., 2020): at every node one or more edges and operations, every cell its own. 6.87 * 10^167 genotypes.
use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)

param N = 6   # normal cells a stage: 6 for CIFAR-10 and 4, 14 cells in all, for ImageNet
param C = 36  # channels of the first stage

ops gold = [identity, sep_conv(3)]

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[4] {
    from  all of earlier
    op    some of gold  # each chosen operation is an edge of its own
    merge add
    require edges >= 1
  }
  out concat(n)
}

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage s1 (width = C)     { repeat N { fresh normal } }
  stage s2 (width = 2 * C) { fresh normal(stride = 2); repeat N { fresh normal } }
  stage s3 (width = 4 * C) { fresh normal(stride = 2); repeat N { fresh normal } }
  head  classifier(10)
}
