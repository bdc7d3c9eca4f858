use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

motif small[3](x) {
  node n[2] { from prev; op sep_conv(3) | identity }
  out last(n)
}

motif f(x) {
  node a { from x; op small }
  node b { from a; op one of [sep_conv(3), small] }
  node c { from b; op small[3] }
  node d { from c; op f[0] }
  out d
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
