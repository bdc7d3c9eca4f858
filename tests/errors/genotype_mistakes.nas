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

genotype path of search {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[2] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
}

genotype alternative of search {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_con(3) }
  normal.n[1] { from prev3, prev1; op sep_conv(3), sep_conv(5) }
}

genotype incomplete of search {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
}

genotype clauses of search {
  normal.n[0] { from prev2; op sep_conv(3); merge add }
  normal.n[1] = sep_conv(3)
}

genotype short of search {
  normal.n[0] { from prev2; op sep_conv(3) }
  normal.n[1] { op sep_conv(3), identity }
}

genotype twice of search {
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[0] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[1] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
}

genotype several of search {
  normal.n[0..1] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
}
