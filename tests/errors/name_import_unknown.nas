use vision (identity, sep_cnov, relu_conv_bn, pyramid_stem, classifier, conv_bn)

cell f(x) {
  node n[2] {
    from  prev
    op    one of [sep_cnov(3), identity, pyramid_stem]
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
