use vision (identity, sep_conv, relu_conv_bn, conv_bn, classifier)

param limit = 3

cell f(a, b, k = 3) {
  node n[2] {
    from  pick 2 of earlier
    op    one of [identity, sep_conv(3)]
    merge add
    require macs <= 5M
    require depth <= 2
  }
  out concat(n)
  require edgs <= 4
  require edges <= k
  require first.width <= 32
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage first (width = one of [16, 32]) { f }
  stage second (stride = 1) { f }
  stage third (width = in + 1) { f }
  head  classifier(10)
}

require parms <= 6M
require count <= 3
require sep_conv(3) <= 3
require frst.width <= 32
require second.width <= 32
require first.height <= 32
require edges <= identity
