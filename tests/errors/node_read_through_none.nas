use vision (none, identity, sep_conv, conv_bn, classifier)

cell f(x) {
  node n { from x; op sep_conv(3) }
  node m { from x, n; op identity, none; merge add }
  out concat(unused(m))
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
