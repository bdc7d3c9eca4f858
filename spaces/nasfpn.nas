# NAS-FPN (Ghiasi et al., 2019): seven merging cells over P3..P7. 386,266,890,240,000,000 genotypes.
# The net has no head: it maps the features C3..C5 of a backbone to a pyramid P3..P7.
use detection (relu_conv_bn, resample, pyramid_stem, projected_pyramid_stem)

param W = 256  # channels of every level
param N = 7    # how often the searched pyramid network is stacked

cell fpn(p[3..7]) {
  align edges needed resample  # to the node's level: nearest neighbour up, max pooling down
  node mid[2] {
    from  pick 2 of earlier in order  # global_pool does not commute
    level one of 3..7
    merge add | global_pool
    then  relu_conv_bn(3)
  }
  node o[5] {
    from   pick 2 of earlier in order
    level  order of 3..7  # each output level exactly once
    merge  add | global_pool
    absorb unused         # values of this level that nobody has read yet
    then   relu_conv_bn(3)
  }
  out o by level
}

net detector {
  input pyramid(levels = 3..5, widths = [512, 1024, 2048], size = 640)
  stem  pyramid_stem(width = W)
  stage (width = W) { repeat N { fpn } }
}

net projected {  # as MMDetection has it
  input pyramid(levels = 3..5, widths = [512, 1024, 2048], size = 640)
  stem  projected_pyramid_stem(width = W)
  stage (width = W) { repeat N { fpn } }
}

# The best pyramid network (figure 6): P3, P4, P5, P7 and P6 in this order.
genotype best of detector {
  fpn.mid[0] { from p[4], p[6];   level 4; merge global_pool }
  fpn.mid[1] { from p[4], mid[0]; level 4; merge add }
  fpn.o.level = [3, 4, 5, 7, 6]
  fpn.o[0] { from p[3], mid[1]; merge add }
  fpn.o[1] { from mid[1], o[0]; merge add }
  fpn.o[2] { from o[0], o[1];   merge global_pool }
  fpn.o[3] { from mid[1], o[2]; merge global_pool }
  fpn.o[4] { from o[2], o[3];   merge global_pool }
}
