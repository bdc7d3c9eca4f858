use vision (identity, conv, batch_norm, relu, max_pool, conv_bn, classifier)

block pooled(inner) { branch add { inner } { max_pool(3) } }
block plain(k) { conv(k) }
block again(t) { t(3); t(5) }
block handed(part) { pooled(part) }
block decides(inner) { inner; max_pool(3 | 5) }
block both(a) { conv(a); a }
block loose(t) { t(3); t }
block numbered(inner = 3) { inner }

ops parts = [conv(3), relu]
let late = pooled | decides
let odd = pooled | conv(3)
let done = conv(3) | conv(5)

cell f(x, k = 3) {
  node n { from x; op k }
  out n
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) {
    pooled(3)
    plain(conv(3))
    plain(3 | relu)
    again(conv(3))
    again(7)
    pooled(conv_bn)
    pooled
    handed(3)
    pooled(handed)
    late(conv(3))
    late
    done(3)
    pooled(parts)
  }
  head  classifier(10)
}
