use vision (conv_bn)
use detection (relu_conv_bn, resample, pyramid_stem)

cell fpn(p[3..7]) {
  align edges needed resample
  node o[5] {
    from  pick 2 of earlier in order
    level order of 3..7
    merge add | global_pool
    then  relu_conv_bn(3)
  }
  out o by level
}

net image {
  input image(3, 640, 640)
  stem  conv_bn(3, width = 64)
  stage (width = 64) { fpn }
}

net levels {
  input pyramid(levels = 3..5, widths = [512, 1024, 2048])
  stage (width = 64) { fpn }
}

net steps {
  input pyramid(levels = 3..5, widths = [512, 1024, 2048])
  stem  pyramid_stem(width = 64)
  stage (width = 64) { relu_conv_bn(3); fpn }
}

cell single(x) {
  node n { from x; op relu_conv_bn(3) }
  out n
}

net singles {
  input pyramid(levels = 3..5, widths = [512, 1024, 2048])
  stem  pyramid_stem(width = 64)
  stage (width = 64) { single }
}

net stems {
  input image(3, 640, 640)
  stem  pyramid_stem(width = 64)
}
