# Merging cells over feature pyramids (NAS-FPN, Ghiasi et al., 2019).
use primitives (resample, max_pool)
use vision (relu_conv_bn, conv_bn)

# P3..P5 from the backbone's C3..C5 by a 1x1 convolution, P6 and P7 by max pooling with stride 2.
cell pyramid_stem(c[3..5]) {
  node p3 { from c[3]; op conv_bn(1) }
  node p4 { from c[4]; op conv_bn(1) }
  node p5 { from c[5]; op conv_bn(1) }
  node p6 { from p5;   op max_pool(2, stride = 2) }
  node p7 { from p6;   op max_pool(2, stride = 2) }
  out [p3, p4, p5, p6, p7] by level
}

# The same, but P6 and P7 by a 1x1 convolution and a batch norm before each pool, as in MMDetection.
cell projected_pyramid_stem(c[3..5]) {
  node p3 { from c[3]; op conv_bn(1) }
  node p4 { from c[4]; op conv_bn(1) }
  node p5 { from c[5]; op conv_bn(1) }
  node p6 { from p5;   op halve_projected }
  node p7 { from p6;   op halve_projected }
  out [p3, p4, p5, p6, p7] by level
}
block halve_projected { conv_bn(1); max_pool(2, stride = 2) }
