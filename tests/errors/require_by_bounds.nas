use vision (identity, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

cell f(a, b) {
  node n[4] {
    from  pick 2 of earlier
    op    one of [identity, sep_conv(3), sep_conv(5), max_pool(3)]
    merge add
  }
  out concat(n)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { repeat 3 { f } }
  head  classifier(10)
}

require params <= 10M
require macs >= 10G
require params * 10 >= 100 and 1M - params >= 1M
