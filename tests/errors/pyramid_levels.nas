use detection (relu_conv_bn, resample)

cell fpn(p[5..3], q[[3, 3]], r[19..25]) {
  out p[4]
}

cell g(p[3..5]) {
  node n { from p[6] }
  out n
}

cell h(p[3..5]) {
  node n { from p[3]; level 21 }
  out n
}

net search {
  input pyramid(levels = 3..5, widths = [64, 64])
  stage (width = 64) { h }
}

net other {
  input pyramid(levels = 3..5, widths = [64, 64, 64])
  stage (width = 64) { h }
}

net third {
  input pyramid(levels = [30], widths = [64])
}
