use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

param C = 16
param C = 32
ops identity = [max_pool(3)]

cell f(x, x) {
  node n { from x; op sep_conv(3) }
  node n { from n; op sep_conv(3) }
  out last(n)
}

net search { input image(3, 32, 32); stage (width = C) { f } }
net search { input image(3, 32, 32); stage (width = C) { f } }
