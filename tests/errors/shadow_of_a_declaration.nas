use vision (identity, sep_conv, conv_bn, classifier)

ops candidates = [identity, sep_conv(3)]

cell f(x) {
  node candidates[2] { from x; op one of candidates }
  out concat(candidates)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
