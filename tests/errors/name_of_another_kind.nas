use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

param k = 3
ops pools = [max_pool(3)]
let kernel = 3 | 5

cell f(x) {
  node a { from x; op k }
  node b { from a; op pools }
  node c { from b; op sep_conv(pools) }
  node d { from c; op one of sep_conv }
  node e { from d; op kernel }
  node g { from e; op search }
  out g
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
