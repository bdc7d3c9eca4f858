use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node a { from x; op sep_conv }
  node b { from a; op sep_conv(3, 1, 2) }
  node c { from b; op sep_conv(kernel = 3) }
  node d { from c; op sep_conv(3, strid = 2) }
  node e { from d; op sep_conv(3, k = 5) }
  node g { from e; op identity(3) }
  node h { from g; op max_pool(0) }
  node i { from h; op sep_conv(3 | 3) }
  out i
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
