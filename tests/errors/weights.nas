use vision (identity, conv, sep_conv, max_pool, conv_bn, classifier)

ops parts = [conv(3) @ 2, max_pool(3) @ 0, identity @ 1 | conv(5)]

cell f(a, b) {
  node n { from pick 2 of [a @ -1, b]; op one of [identity @ 2, max_pool(3)]; merge add }
  node m { from a @ 2; op conv(3 @ 2) @ 3 }
  node o { from a; op one of [identity @ (1 | 2), conv(3), identity] }
  out m
}

net search {
  input image(3, 32 | 64 @ 0)
  stem  conv_bn(3, width = 16) @ 2
  stage (width = 16) { f }
  head  classifier(10)
}
