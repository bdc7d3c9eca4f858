# Parallel operations, subsets of open size, values absorbed.
use vision (identity, none, sep_conv, dil_conv, max_pool, relu_conv_bn, conv_bn, classifier)

ops five = [max_pool(3), identity, sep_conv(3 | 5), dil_conv(k = 3), none]

cell gates(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[3] {
    from  all of earlier
    op    some of five
    merge add
  }
  node o { from all of n; merge concat; then conv_bn(1) }
  out o
}

cell layers(x) {
  node l[4] {
    from   prev
    op     one of [*five, conv_bn(1)]
    merge  add
    absorb some of l
  }
  node o { from unused; merge mean }
  out o
}

net search {
  input image(3, 16, 16)
  stem  conv_bn(3, width = 8)
  stage (width = 8)  { gates; layers }
  stage (width = 16) { gates(stride = 2); layers }
  head  classifier(10)
}
