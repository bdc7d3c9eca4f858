use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

param C = 16
param C = 32

ops candidates = [sep_conv(3), sep_con(5), identity]

cell f(prev2, prev1) {
  node n[2] {
    from  pick 3 of earlier
    op    one of candidates
    merge add
  }
  node m { op identity }
  out concat(k)
}

net search {
  stem  conv_bn(3, widht = 16)
  stage (width = C) { f; repeat 1000000000 { f } }
}

net other {
  input image(3, 32, 32)
  stage (width = C) { f; identity(3) }
}
