# ENAS, the macro space (Pham et al., 2018): 12 layers, each with any earlier values beside what its operation makes of
# the layer before it. 6^12 * 2^66 = 160,618,186,625,454,535,808,756,219,904 genotypes.
# The released code halves all values at thirds of the depth, which leaves the decisions as they are; here all layers
# keep the resolution.
use vision (conv_bn, conv_bn_relu, sep_conv_bn_relu, avg_pool, max_pool, batch_norm, global_avg, linear)

param L = 12  # layers
param C = 96  # channels

block conv(k) { conv_bn_relu(1); conv_bn_relu(k) }
block sep(k)  { conv_bn_relu(1); sep_conv_bn_relu(k) }
block avg     { conv_bn_relu(1); avg_pool(3) }
block max3    { conv_bn_relu(1); max_pool(3) }

ops enas = [conv(3), sep(3), conv(5), sep(5), avg, max3]

cell layers(x) {
  node first { from x; op one of enas }
  node l[L - 1] {
    from   prev
    op     one of enas
    merge  add
    absorb some of earlier except prev  # skips, also from the stem
    then   batch_norm
  }
  out last(l)
}

block logits(classes) { global_avg; linear(bias = 0, width = classes) }

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = C)
  stage (width = C) { layers }
  head  logits(10)
}
