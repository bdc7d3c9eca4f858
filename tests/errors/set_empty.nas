use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node n[2] {
    from  all of n
    merge add
  }
  node m {
    from  one of n except n
  }
  out concat([])
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
