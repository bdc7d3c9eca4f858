use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(a, b) {
  node n {
    from  a
    from  b
    op    sep_conv(3)
  }
  node m {
    from  a, b
    op    sep_conv(3), identity, max_pool(3)
    merge add
  }
  node o[2] {
    from  a
    width [16, 32, 64]
  }
  node p {
    from  a
    level order of 3..5
  }
  out last(o)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
