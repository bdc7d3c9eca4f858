# NAS-FPN, output order fixed: inputs are ordered. prod (5+i)(4+i) * 2^7 * 5^2 = 3,218,890,752,000,000
use detection (relu_conv_bn, resample)
cell fpn(p[3..7]) {
  align edges needed resample
  node mid[2] { from pick 2 of earlier in order; level one of 3..7; merge add | global_pool; then relu_conv_bn(3) }
  node o[5] {
    from   pick 2 of earlier in order
    level  [3, 4, 5, 7, 6]
    merge  add | global_pool
    absorb unused
    then   relu_conv_bn(3)
  }
  out o by level
}
