use vision (identity, sep_conv, conv_bn, classifier)

motif f(x) {
  node n[2] {
    from  prev
    op    identity | sep_conv(3)
  }
  out last(n)
  require count(identity) <= 1
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}

genotype plain of search {
  f.n[0] { op identity }
  f.n[1] { op identity }
}
