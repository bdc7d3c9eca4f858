use vision (identity, sep_conv, relu_conv_bn, conv_bn, classifier)

param limit = 3

cell f(a, b) {
  node n[2] {
    from  pick 2 of earlier
    op    one of [identity, sep_conv(3), sep_conv(5)]
    merge add
  }
  out concat(n)
  require count(identity, sep_conv) <= 2
  require count(limit) <= 2
  require count(3) <= 2
  require count(sep_conv(3 | 5)) <= 2
  require count(idntity) <= 2
  require count(sep_conv(kernl = 3)) <= 2
}
