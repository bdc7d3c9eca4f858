# gives: W0801 W0802 W0802 W0802. It took six seconds to look at all pairs of constraints.
use vision (identity, sep_conv, conv_bn, relu_conv_bn, classifier)

param N = 99
hyper lr = one of [0.1, 0.05]
hyper batch = 32 | 64
let width_of = one of 8..16 step 4
ops weighed = [identity @ 1, sep_conv(3) @ 2, sep_conv(5 | 7) @ 0.5]
require params <= 20K and macs <= 3M
  and count(identity) <= 2

cell c(x) {
  align edges needed relu_conv_bn(1)
  node n[2] { from one of earlier; op one of weighed; merge add; require edges >= 1 }
  require count(identity) < 2 and depth <= 9
  out add(n)
}

net search {
  input images: image(3, 8, 8)
  stem  conv_bn(3, width = width_of)
  stage s (width = 8) { c; tap aux classifier(10); repeat N { fresh c } }
  head  classifier(10)
}
require width_of <= 12

genotype small of search (N = 1) {
  lr = 0.1; batch = 64
  width_of = 8
  c.n[0] { from x; op identity }
  c.n[1] { from n[0]; op sep_conv(3) }
  search.s[1][0].n[0] { from x; op sep_conv(7) }
  search.s[1][0].n[1] { from x; op sep_conv(3) }
}
