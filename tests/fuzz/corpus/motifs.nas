# Motifs of motifs, in arrays, as operations.
use vision (identity, none, conv_bn_relu, sep_conv_bn_relu, max_pool, conv_bn, classifier)

ops primitives = [conv_bn_relu(1), sep_conv_bn_relu(3), max_pool(3), identity]

motif small[3](x) {
  node n[2] { from all of earlier; op one of [none, *primitives]; merge concat; then conv_bn(1) }
  out last(n)
}
motif middle[2](x) {
  node n[2] { from one of earlier; op one of [*small, identity]; merge add }
  out add(n)
}
motif single = small[0]
motif large(x) {
  node n { from x; op single }
  node f { from x; op one of small except [small[1]] }
  node m[2] { from all of earlier; op one of [none, *middle]; merge concat; then conv_bn(1) }
  out mean(m)
}

net search {
  input image(3, 16, 16)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { large }
  stage (width = 8, stride = 2) { sep_conv_bn_relu(3); large }
  head  classifier(10)
}
