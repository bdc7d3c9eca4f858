# Constructs that stand at the top of a file or beside a net: parameters of a search, constraints, second heads, weights.
use vision (identity, sep_conv, conv_bn, classifier)
use other.blocks (anything)

hyper lr = one of [0.1, 0.05]
hyper batch = 32 | 64
let width_of = one of 8..16 step 4
ops weighed = [identity @ 1, sep_conv(3) @ 2, sep_conv(5 | 7 @ 2) @ 0.5]
require params <= 6M and macs <= 600M
  and count(identity) <= 2

cell rnn(x, state h) {
  node n[2] { from one of earlier; op one of weighed; merge add; require edges >= 1 }
  require count(identity) < 2 and depth <= 4
  out mean(n)
}
cell c(x) {
  node n { from x; op one of weighed }
  out n
}

net search {
  input images: image(3, 8, 8)
  stem  conv_bn(3, width = width_of)
  stage s (width = 8) { c; tap aux classifier(10); repeat 2 { fresh c } }
  head  classifier(10)
}
require params <= 1M

genotype small of search (N = 2) {
  lr = 0.1; c.n[0] { op identity }
  search.s[2].c.n.op[0] = sep_conv(3)
}
