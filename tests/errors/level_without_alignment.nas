use detection (relu_conv_bn, resample)

cell fpn(p[3..5]) {
  align ports needed resample
  node o[3] {
    from  pick 2 of earlier in order
    level order of 3..5
    merge add
  }
  out o by level
}

net search {
  input pyramid(levels = 3..5, widths = [64, 64, 64])
  stage (width = 64) { fpn }
}
