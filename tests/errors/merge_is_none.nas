use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

block pooled { max_pool(3) }

cell f(prev2, prev1) {
  node n[2] {
    from  pick 2 of earlier
    merge sep_conv(3)
  }
  node m {
    from  pick 2 of earlier
    merge add | pooled
  }
  out max_pool(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
