"""Texts that use every construct once; shared by the tests of the syntax."""

CONSTRUCTS = """# every construct
use vision (identity, conv, sep_conv,)
use own.blocks
use "parts/blocks.nas" (stack, left,)
param N = 6
hyper lr = one of [0.1, 0.05]
let c0 = one of 8..64 step 8
ops all_three = [conv(1), conv(3 | 5), mbconv(k = each [3, 5], expand = 6) @ 2, *others,
  identity]
require params <= 6M and macs <= 600M
  and count(identity) <= 2

cell normal(prev2, prev1, k = 3) {
  align ports always relu_conv_bn(1)
  align edges resample
  let kernel = 3 | 5
  node n[4] {
    from   pick 2 of earlier with repeats
    op     one of [none, *all_three]
    merge  add | concat
    absorb unused
    then   conv(1)
    level  order of 3..7
    width  free
    require edges >= 1
  }
  node m { from prev, some of earlier except prev; op some of all_three; merge concat_split }
  node o { from pick 1..3 of last 4 of [normal, *n] in order; level [3, 4]; width in // 2 }
  out o by level
}
cell rnn(x, state h) { out mean(n) }
cell fpn(p[3..7]) { out p[3] }
cell reduce = fresh normal(stride = 2)
motif small[6](x) { out last(n) }
motif one_small = small[0]

block layer(k, expand = 6) {
  conv(k, width = expand * in); relu
  branch add | concat { left } { right }
  shortcut { conv(3, width = one of [width * 3 // 10, width - width // 2]) }
  b: repeat 1..4 { fresh layer(k = 3) | identity }
}
net search {
  input images: image(3, one of 128..224 step 4)
  stem conv_bn(3, width = 3 * (N + 1))
  stage s1 (width = 2 * N, stride = 2) { reduce; tap aux aux_classifier(10, weight = 0.4); repeat N { normal } }
  head classifier(10, text = "plain", bias = -1)
}
net { input image(3, 32, 32) }
require search.width <= 6 and 1e3 > 2
genotype v2 of search (N = 36) {
  normal.n[0] { from prev2, n[0]; op sep_conv(3), identity }
  search.s1.b[*].k = 5
  fpn.o[0..2].level = 3
}
"""
