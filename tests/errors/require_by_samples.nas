use vision (identity, sep_conv, conv_bn, classifier)

motif f(x) {
  node n[8] {
    from  all of earlier
    op    some of [identity, sep_conv(3), sep_conv(5)]
    merge add
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}

require params <= 2K
