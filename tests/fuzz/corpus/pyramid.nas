# Merging cells over a pyramid: levels chosen and dealt, ordered pairs, values that nobody has read.
use detection (pyramid_stem)
use vision (relu_conv_bn)
use primitives (resample, global_pool)

cell fpn(p[3..7]) {
  align edges needed resample
  node mid[2] {
    from   pick 2 of earlier in order
    level  one of 3..7
    merge  add | global_pool
    then   relu_conv_bn(3)
  }
  node o[5] {
    from   pick 2 of earlier in order
    level  order of 3..7
    merge  add | global_pool
    absorb unused
    then   relu_conv_bn(3)
  }
  out o by level
}

cell top(p[3..7]) {
  align edges needed resample
  node a { from p[3], p[4]; level 4; merge add }
  node b { from p[5], a; level 3; merge add; then relu_conv_bn(1) }
  out [a, b] by level
}

net detector {
  input pyramid(levels = 3..5, widths = [16, 32, 64])
  stem  pyramid_stem(width = 16)
  stage (width = 16) { repeat 2 { fpn } }
}
