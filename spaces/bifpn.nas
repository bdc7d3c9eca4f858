# BiFPN (EfficientDet, Tan et al., 2020): fixed wiring with weighted fusion; one genotype, which W and D scale.
# The net is that of EfficientDet-D0 between backbone and heads, as in the well-known PyTorch code: in the first
# cell every read of a level of the backbone has a projection of its own. The heads share weights over the levels, which
# the language cannot say.
use primitives (swish, dw_conv, conv, batch_norm, max_pool, identity, resample)

param W = 64  # channels; 64, 88, 112, 160, 224, 288, 384, 384 for D0 to D7
param D = 3   # cells; 3, 4, 5, 6, 7, 7, 8, 8

block after   { swish; dw_conv(3); conv(1, bias = 1); batch_norm(eps = 1e-3) }
block lateral { conv(1, bias = 1); batch_norm(eps = 1e-3) }
block halve   { max_pool(3, stride = 2) }

cell levels(c[3..5]) {  # P3..P5 are the backbone's as they are
  node p3 { from c[3]; width free }
  node p4 { from c[4]; width free }
  node p5 { from c[5]; width free }
  node q  { from c[5]; op lateral }
  node p6 { from q;    op halve }
  node p7 { from p6;   op halve }
  out [p3, p4, p5, p6, p7] by level
}

cell first(p[3..7]) {
  align edges needed resample(overlap = 1)
  node t6 { from p[6], p[7];   level 6; merge fuse; then after }
  node t5 { from p[5], t6;     level 5; op lateral, identity; merge fuse; then after }
  node t4 { from p[4], t5;     level 4; op lateral, identity; merge fuse; then after }
  node o3 { from p[3], t4;     level 3; op lateral, identity; merge fuse; then after }
  node o4 { from p[4], t4, o3; level 4; op lateral, identity, identity; merge fuse; then after }
  node o5 { from p[5], t5, o4; level 5; op lateral, identity, identity; merge fuse; then after }
  node o6 { from p[6], t6, o5; level 6; merge fuse; then after }
  node o7 { from p[7], o6;     level 7; merge fuse; then after }
  out [o3, o4, o5, o6, o7] by level
}

cell bifpn(p[3..7]) {
  align edges needed resample(overlap = 1)
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
  input pyramid(levels = 3..5, widths = [40, 112, 320], size = 512)
  stage (width = W) { levels; first; repeat D - 1 { bifpn } }
}
