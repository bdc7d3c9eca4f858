# nasdsl check FILE --restrict 'normal.n[0].from = [a, b] | b' --restrict 'normal.n.level = 3' --restrict 'search.b = pool(3, 1) | pool(5, 2)'
use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

block pool(k, stride = 1) { max_pool(k) }

cell normal(a, b) {
  node n[2] {
    from  pick 2 of earlier
    op    one of [identity, sep_conv(3), sep_conv(5)]
    merge add
    level order of 0..1
  }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage a (width = one of [16, 32]) { normal }
  stage c (width = 32) { b: pool(3 | 5, 1 | 2) | identity }
  head  classifier(10)
}

genotype best of search {
  normal.n[0] { from a, b; op identity, identity }
  normal.n[1] { from a, b; op identity, identity }
  normal.n.level = [0, 1]
  search.a.width = 16
  search.c.b = identity
}
