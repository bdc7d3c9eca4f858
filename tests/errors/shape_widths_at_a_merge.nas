use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

ops candidates = [identity, sep_conv(3), sep_conv(5)]

cell f(x) {
  node a { from x; op one of candidates }
  node b { from a; op one of candidates; then identity | sep_conv(3, width = 32); width free }
  node c { from a, b; merge add }
  out c
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
