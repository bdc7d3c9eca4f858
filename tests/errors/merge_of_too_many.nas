use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node n[3] {
    from  all of earlier
    merge global_pool
  }
  node m { from x; op sep_conv(3) }
  out global_pool(unused)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
