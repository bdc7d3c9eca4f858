use detection (relu_conv_bn, resample)

cell fpn(p[3..5]) {
  node a { from p[3], p[4]; merge add }
  node b { from p[4] }
  node c { from p[5] }
  out [a, b, c] by level
}

net search {
  input pyramid(levels = 3..5, widths = [64, 64, 64])
  stage (width = 64) { fpn }
}
