# Arrays of open length and everything that can be drawn from a set.
use vision (identity, sep_conv, max_pool, conv_bn, conv_bn_relu, classifier)

ops two = [identity, sep_conv(3)]

cell f(x, y) {
  node a[1..3] { from prev; op one of two; merge add; absorb some of a }
  node b[2] { from pick 1..2 of [x, y]; op one of two; merge add }
  node c { from pick 2 of last 3 of earlier with repeats; op max_pool(3), identity; merge add | mul }
  node d { from pick 0..1 of b except c; merge add; then conv_bn_relu(3) }
  node e[2 | 4] { from one of earlier; op sep_conv(3); width free }
  node g { from c, some of b; merge mean; absorb pick 1..2 of [x, c]; width width // 2; then conv_bn(1) }
  out concat(unused(e))
}

cell plain(x) {
  node n[0..2] { from prev; op one of two }
  out last(n)
}

net search {
  input image(3, 8, 8)
  stem  conv_bn(3, width = 4)
  stage (width = 4) { plain; f }
  head  classifier(10)
}
