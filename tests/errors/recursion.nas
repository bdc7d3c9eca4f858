use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
use primitives (conv, relu)

param a = b + 1
param b = a + 1
ops x = [*y, identity]
ops y = [*x]
let k = k | 3

block again { conv(3); again }

block ping { conv(3); pong }
block pong { relu; ping }

cell f(x) {
  node n { from x; op sep_conv(3) | f }
  out n
}

motif m[2](x) {
  node n { from x; op one of [identity, *m] }
  out n
}

net search { input image(3, 32, 32); stage (width = a) { sep_conv(k); one of x } }
