use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
use primitives (conv)

cell f(x, k = 3) {
  node a { from x; op sep_conv(k) }
  out a
}

cell g = f(kk = 5)
cell h = fresh f(k = 3 | 5)
cell i = fresh nothing(k = 3)
cell j = fresh sep_conv(3)
cell m = f()

net search {
  input image(3, 32, 32)
  stage (width = 16) { f(5, 7); f(k = 1, width = 0) }
}
