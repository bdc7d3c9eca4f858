# Binary DARTS: `none` is a candidate of the derived network; an absent value keeps its place in the concat. per cell 180 * 8^8
use binary (bin_sep_conv, bin_dil_conv, none, identity, avg_pool, max_pool, conv_bn, classifier)
ops bnas = [
  none, identity, max_pool(3), avg_pool(3), bin_sep_conv(3), bin_sep_conv(5), bin_dil_conv(3), bin_dil_conv(5),
]
cell normal(prev2, prev1) {
  node n[4] { from pick 2 of earlier; op one of bnas; merge add }
  out concat(n)
}
cell reduce = fresh normal(stride = 2)
net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 108)
  stage (width = 36) { repeat 6 { normal } }
  stage (width = 72) { reduce; repeat 6 { normal } }
  head  classifier(10)
}
