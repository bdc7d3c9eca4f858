use vision (identity, sep_conv, max_pool, conv_bn, classifier)

param K = 3
ops small_ones = [identity, max_pool(K)]

motif small[4](x) {
  node n { from x; op one of small_ones }
  out n
}

motif large(x) {
  node n { from x; op one of small }
  out n
}

cell f(x) {
  node n { from x; op sep_conv(3) }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
