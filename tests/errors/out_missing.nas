use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(x) {
  node n[2] { from prev; op sep_conv(3) | identity }
}

cell g(x) {
  node n[2] { from prev; op sep_conv(3) | identity }
  out n
}

cell h(x) {
  node n[2] { from prev; op sep_conv(3) | identity }
  out concat(x, n)
  out last(n)
}

cell i() {
  out concat(unused(a, b))
}

cell j(x) {
  out x by name
}

cell k(x) {
  out concat(unused(x, x))
}
