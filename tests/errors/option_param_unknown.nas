# nasdsl check FILE -p M=2 -p nn=3
use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

param N = 6

cell f(x) {
  node n[2] {
    from  prev
    op    one of [sep_conv(3), identity]
  }
  out last(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
