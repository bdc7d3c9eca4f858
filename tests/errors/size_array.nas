use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

motif small[1M](x) {
  node n[2] { from prev; op sep_conv(3) | identity }
  out last(n)
}

motif f(x) {
  node n[1000000] { from prev; op one of [*small] }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
