use vision (sep_conv, conv_bn, classifier)

cell f(x, k = 3) {
  node m { from x; op sep_conv(k) }
  node n {
    let k = 3 | 5
    from m
    op   sep_conv(k)
  }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
