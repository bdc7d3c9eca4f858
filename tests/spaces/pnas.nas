# PNAS: one cell, used with stride 1 and 2 (sharing without `fresh`). 556,627,761,561,600
use vision (identity, sep_conv, avg_pool, max_pool, conv_1xn_nx1, dil_conv, conv_bn, classifier)
ops pnas = [sep_conv(3), sep_conv(5), sep_conv(7), conv_1xn_nx1(7), identity, avg_pool(3), max_pool(3), dil_conv(3)]
cell c(prev2, prev1) {
  node b[5] { from pick 2 of earlier with repeats; op one of pnas; merge add }
  out concat(unused(b))
}
net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 32)
  stage (width = 48)  { repeat 3 { c } }
  stage (width = 96)  { c(stride = 2); repeat 3 { c } }
  stage (width = 192) { c(stride = 2); repeat 3 { c } }
  head  classifier(10)
}
