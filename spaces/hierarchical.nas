# Hierarchical representations (Liu et al., 2018): motifs of motifs. 7^46 genotypes. Nodes join by concatenation, and a
# 1x1 convolution and a batch norm behind that bring the width back, so that every motif fits every edge.
use vision (
  identity, none, conv_bn_relu, dw_conv_bn_relu, sep_conv_bn_relu, avg_pool, max_pool, conv_bn, classifier,
)
param C = 16  # channels of the first stage
ops primitives = [  # with batch norm and ReLU behind convolutions (section 2.3)
  conv_bn_relu(1), dw_conv_bn_relu(3), sep_conv_bn_relu(3), max_pool(3), avg_pool(3), identity,
]
motif small[6](x) {  # level 2: four nodes, of which the port is the first; `none`: no edge
  node n    { from x;              op one of [none, *primitives] }
  node m[2] { from all of earlier; op one of [none, *primitives]; merge concat; then conv_bn(1) }
  out last(m)
}
motif large(x) {  # level 3: five nodes
  node n    { from x;              op one of [none, *small] }
  node m[3] { from all of earlier; op one of [none, *small]; merge concat; then conv_bn(1) }
  out last(m)
}
net search {  # a small proxy of the skeleton below
  input image(3, 32, 32)
  stem  conv_bn(3, width = C, stride = 2)
  stage (width = C) { large }
  head  classifier(10)
}
net cifar10 {  # section 4.1
  input image(3, 32, 32)
  stem  conv_bn(3, width = C)
  stage (width = C)                 { large }
  stage (width = 2 * C, stride = 2) { sep_conv_bn_relu(3); large }
  stage (width = 4 * C, stride = 2) { sep_conv_bn_relu(3); large; sep_conv_bn_relu(3) }
  head  classifier(10)
}

# The best cell (appendix A) as others read it off the figure: edges without a legible label are identities here.
genotype best of search {
  small[0].n    { op max_pool(3) }
  small[0].m[0] { op conv_bn_relu(1), dw_conv_bn_relu(3) }
  small[0].m[1] { op sep_conv_bn_relu(3), conv_bn_relu(1), max_pool(3) }
  small[1].n    { op max_pool(3) }
  small[1].m[0] { op dw_conv_bn_relu(3), dw_conv_bn_relu(3) }
  small[1].m[1] { op conv_bn_relu(1), sep_conv_bn_relu(3), sep_conv_bn_relu(3) }
  small[2].n    { op sep_conv_bn_relu(3) }
  small[2].m[0] { op dw_conv_bn_relu(3), sep_conv_bn_relu(3) }
  small[2].m[1] { op sep_conv_bn_relu(3), identity, avg_pool(3) }
  small[3].n    { op avg_pool(3) }
  small[3].m[0] { op sep_conv_bn_relu(3), sep_conv_bn_relu(3) }
  small[3].m[1] { op identity, max_pool(3), avg_pool(3) }
  small[4].n    { op identity }
  small[4].m[0] { op sep_conv_bn_relu(3), identity }
  small[4].m[1] { op sep_conv_bn_relu(3), identity, sep_conv_bn_relu(3) }
  small[5].n    { op dw_conv_bn_relu(3) }
  small[5].m[0] { op max_pool(3), max_pool(3) }
  small[5].m[1] { op sep_conv_bn_relu(3), identity, avg_pool(3) }
  large.n       { op small[4] }
  large.m[0]    { op small[2], small[2] }
  large.m[1]    { op small[2], small[0], small[2] }
  large.m[2]    { op small[3], small[4], small[4], small[4] }
}
