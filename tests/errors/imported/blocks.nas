use vision (conv, conv_bn)

param K = 3

block stack(k) { conv_bn(k); conv(1) }

cell left(x) {
  node a { from x; op conv_bn(K) }
  out a
}

net alone {
  input image(3, 32, 32)
  stage (width = 16) { left }
}

genotype first of alone { }
