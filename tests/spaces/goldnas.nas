# GOLD-NAS: any non-empty subset of (edge, op) pairs a node; every cell its own. cell 15*63*255*1023; 20 cells 6.87e167
use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)
param N = 6
param C = 36
ops gold = [identity, sep_conv(3)]

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[4] {
    from  all of earlier
    op    some of gold  # each chosen operation is an edge of its own
    merge add
    require edges >= 1  # local: folded into the count
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
