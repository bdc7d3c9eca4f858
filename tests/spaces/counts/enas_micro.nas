# ENAS micro (Pham et al., 2018): two cells of five nodes, two inputs and two of five operations each.
use vision (identity, sep_conv, avg_pool, max_pool, relu_conv_bn, conv_bn, classifier)
ops five = [identity, sep_conv(3), sep_conv(5), avg_pool(3), max_pool(3)]

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[5] { from one of earlier, one of earlier; op one of five; merge add }
  out concat(n)
}

cell reduce(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[5] { from one of earlier, one of earlier; op one of five; merge add }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { normal; reduce }
  head  classifier(10)
}
