use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(prev2, prev1) {
  node n[2] {
    from  prev2, prev1
    op    one of [sep_conv(3), identity]
  }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
