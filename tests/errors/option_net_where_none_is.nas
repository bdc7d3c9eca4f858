# nasdsl check FILE --net search
use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node n[2] {
    from  prev
    op    one of [sep_conv(3), identity]
  }
  out last(n)
}
