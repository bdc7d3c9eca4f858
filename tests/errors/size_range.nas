use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

ops many = [sep_conv(k = each 1..5000)]
ops more = [max_pool(k = each 1..900, stride = each 1..900)]
ops down = [sep_conv(k = each 7..3)]
ops open = [sep_conv(k = each 3..)]

cell f(x) {
  node a { from x; op one of many }
  node b { from a; op one of more }
  node c { from b; op one of down }
  node d { from c; op one of open }
  out d
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { f }
  head  classifier(10)
}
