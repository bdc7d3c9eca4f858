use vision (identity, conv_bn_relu, max_pool, conv_bn, classifier)

motif small[2](x) {
  node n[2] {
    from  all of earlier
    op    one of [
      conv_bn_relu(1), max_pool(3, stride = 2), identity,
    ]
    merge add
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { one of [*small] }
  head  classifier(10)
}
