use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node n[2] {
    from  pick 1 of erlier
  }
  node m { from n[2] }
  node o { from sep_conv }
  node p { from 3 }
  node q { from [x, *y] }
  node r { from m[x] }
  out last(s)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
