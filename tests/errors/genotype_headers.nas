use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell normal(prev2, prev1) {
  node n[2] {
    from  pick 2 of earlier
    op    one of [max_pool(3), sep_conv(3), identity]
    merge add
  }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 48)
  stage (width = 16) { normal }
  head  classifier(10)
}

genotype a of serch {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
}

genotype b of search (C = 36) {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
}

genotype b of search {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[1] { from prev2, n[0]; op sep_conv(3), sep_conv(3) }
}
