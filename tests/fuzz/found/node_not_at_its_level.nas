# gives: E0420. Its ports were aligned and its edges were not, so every level was the highest.
use detection (relu_conv_bn, resample)
cell fpn(p[3..4]) {
  align ports needed resample
  node o[2] { from pick 2 of earlier in order; level order of 3..4; merge add; then relu_conv_bn(3) }
  out o by level
}
net search { input pyramid(levels = 3..4, widths = [8, 8], size = 64); stage (width = 8) { fpn } }
