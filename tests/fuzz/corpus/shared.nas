# One decision in several places, copies of cells, several nets over the same cells, named points.
use vision (identity, sep_conv, conv_bn, relu_conv_bn, max_pool, classifier)

param N = 1
let kernel = 3 | 5
let block_of = sep_conv(3) | max_pool(3)

cell normal(prev2, prev1, k = 3) {
  align ports always relu_conv_bn(1)
  let own = 3 | 7
  node n[2] {
    from  pick 2 of earlier
    op    one of [sep_conv(k), sep_conv(kernel), conv_bn(own), identity, block_of]
    merge add
  }
  out concat(n)
}
cell reduce = fresh normal(stride = 2)
cell wide = normal(k = 5)

net search {
  input image(3, 16, 16)
  stem  conv_bn(3, width = 12)
  stage (width = 4) { repeat N { normal } }
  stage (width = 8) { reduce; let again = 3 | 5; sep_conv(again); repeat N { fresh normal }; wide }
  head  classifier(10)
}
net other {
  input image(3, 8, 8)
  stem  conv_bn(kernel, width = 4)
  stem  sep_conv(3)
  stage last_one (width = 4) { normal; x: repeat 2 { normal(k = 7) } }
  head  classifier(2)
}

genotype first of other {
  kernel = 3
  block_of = max_pool(3)
  normal.own = 7
  normal.n[0] { from prev2, prev1; op sep_conv(k), identity }
  normal.n[1] { from prev1, n[0]; op conv_bn(own), block_of }
}
