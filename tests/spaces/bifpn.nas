# BiFPN: fixed wiring, weighted fusion
use detection (sep_conv_bn, swish, fuse, resample, pyramid_stem, det_head)
block after { swish; sep_conv_bn(3) }
cell bifpn(p[3..7]) {
  align edges needed resample
  node t6 { from p[6], p[7];   level 6; merge fuse; then after }
  node t5 { from p[5], t6;     level 5; merge fuse; then after }
  node t4 { from p[4], t5;     level 4; merge fuse; then after }
  node o3 { from p[3], t4;     level 3; merge fuse; then after }
  node o4 { from p[4], t4, o3; level 4; merge fuse; then after }
  node o5 { from p[5], t5, o4; level 5; merge fuse; then after }
  node o6 { from p[6], t6, o5; level 6; merge fuse; then after }
  node o7 { from p[7], o6;     level 7; merge fuse; then after }
  out [o3, o4, o5, o6, o7] by level
}
net d0 {
  input pyramid(levels = 3..5, widths = [40, 112, 320])
  stem  pyramid_stem(width = 64)
  stage (width = 64) { repeat 3 { bifpn } }
  head  det_head
}
