use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node n { from x; op sep_conv(3) | identity }
  out n
}

cell g(x) {
  node n { from x; op fresh f }
  node m { from n; op "conv" }
  node o { from m; op [identity, sep_conv(3)] }
  out n
}

net search {
  input image(3, 32, 32)
  stage (width = 16) { fresh f; fresh sep_conv(3, 1, 2) }
}
