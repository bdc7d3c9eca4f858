use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(prev2, prev1) {
  node n[2] {
    from  pick 2 of earlier
    op    one of [sep_conv(3), identity]
    merge add | concat
    then  relu_conv_bn(1)
  }
  node m[2] {
    from  pick 2 of earlier
    merge global_pool
  }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
