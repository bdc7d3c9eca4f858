use vision (sep_conv, identity, conv_bn, classifier)

cell normal(a, b) {
  align port always identity
  nod m { from a; op identity }
  node n { from a; form b; op sep_conv(3x3); merge add }
  for i in range(3) {
    node x { from n; op identity }
  }
  out concat(n, 5 m)
}

net search {
  input image(3, 32 32)
  stem  conv_bn(3, width: 16)
  stage (width = 16) { repeat 3 normal; sep_conv(3) sep_conv(5); sep_conv(7) or identity }
  head  classifier("ten)
}
