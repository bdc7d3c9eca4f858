use vision (identity, sep_conv, conv_bn, classifier)

motif m(x) {
  node n { from x; op identity | sep_conv(3) }
  out n
}

cell f(x) {
  node n[3] { from x; op sep_conv(3); then m }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
