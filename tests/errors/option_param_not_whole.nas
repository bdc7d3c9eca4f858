# nasdsl check FILE -p N=2.5 -p C=0
use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

param N = 6
param C = 16

cell f(x) {
  node n[2] {
    from  prev
    op    one of [sep_conv(3), identity]
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stage (width = C) { repeat N { f } }
}
