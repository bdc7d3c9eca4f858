# SNAS (Xie et al., 2019): two cells of 14 edges, seven operations or none each.
use vision (none, identity, sep_conv, dil_conv, max_pool, avg_pool, relu_conv_bn, conv_bn, classifier)
ops eight = [none, identity, max_pool(3), avg_pool(3), sep_conv(3), sep_conv(5), dil_conv(3), dil_conv(5)]

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[4] { from all of earlier; op one of eight; merge add }
  out concat(n)
}

cell reduce(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[4] { from all of earlier; op one of eight; merge add }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { normal; reduce }
  head  classifier(10)
}
