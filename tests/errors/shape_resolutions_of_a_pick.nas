use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(prev2, prev1) {
  node n[3] {
    from  pick 2 of earlier
    op    one of [sep_conv(3), identity, max_pool(3)]
    merge add
  }
  node half {
    from  n[1]
    op    identity | max_pool(3, stride = 2)
  }
  node joined {
    from  n[2], half
    merge add
  }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
