use vision (identity, sep_conv, max_pool, conv_bn, classifier)

ops all_of_them = [identity, sep_conv(3)]
ops before = [
  sep_conv(3), max_pool(3),
]

cell f(x) {
  node n { from x; op one of all_of_them }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
