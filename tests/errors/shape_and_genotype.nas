use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node n {
    from  x, x
    op    identity | max_pool(3, stride = 2)
    merge add
  }
  out n
}

net search {
  input image(3, 32, 32)
  stage (width = 3) { f }
}

genotype g of search {
  f.n { op identity, idnetity }
}
