# gives: E0240. The proof looked at a million edges.
use detection (relu_conv_bn, resample)
cell fpn(p[3..7]) {
  align edges needed resample
  node mid[1000] { from pick 2 of earlier in order; level one of 3..7; merge add; then relu_conv_bn(3) }
  node o[5] { from pick 2 of earlier in order; level order of 3..7; merge add; absorb unused }
  out o by level
}
net detector { input pyramid(levels = 3..7, widths = [8, 8, 8, 8, 8]); stage (width = 8) { fpn } }
