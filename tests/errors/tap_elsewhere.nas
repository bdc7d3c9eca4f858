use vision (identity, conv, sep_conv, max_pool, conv_bn, classifier)

block b { sep_conv(3); tap aux classifier(10) }

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { b; branch add { identity } { tap side classifier(10); identity } }
  head  classifier(10)
}

net weighted {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { tap aux classifier(10, weight = 0.2 | -1); tap low classifier(10, weight = -1); sep_conv(3) }
  stage (width = 16) { repeat 2 { tap again classifier(10); sep_conv(3) } }
  stage (width = 16) { sep_conv(3); tap low classifier(10) }
  stage (width = 16, stride = 2) { tap lonely classifier(10) }
  head  classifier(10)
}

net named_twice {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  tap aux classifier(10)
  stage (width = 16) { sep_conv(3); tap aux classifier(10) }
  head  classifier(10)
}
