# Weights of alternatives and constraints, and nothing else that is rare.
use vision (identity, sep_conv, conv_bn, classifier)

ops weighed = [identity @ 1, sep_conv(3) @ 2, sep_conv(5 | 7) @ 3]

cell c(x) {
  node n[3] { from pick 2 of earlier with repeats; op one of weighed; merge add }
  require count(identity) <= 2
  out last(n)
}
net search {
  input image(3, 8, 8)
  stem  conv_bn(3, width = 8)
  stage (width = 8) { c; sep_conv(3 @ 2 | 5) }
  head  classifier(10)
}
require params <= 4K and macs <= 300K
