# Hierarchical representations (Liu et al., 2018): motifs of motifs. 7^46 genotypes.
# A node joins its inputs by depthwise concatenation, which makes it as many times wider as it has inputs; a 1x1
# convolution and a batch norm behind each join bring the width back, so that every motif fits every edge.
use vision (
  identity, none, conv_bn_relu, dw_conv_bn_relu, sep_conv_bn_relu, avg_pool, max_pool, conv_bn, classifier,
)

param C = 16  # channels of the first stage

# Every convolution is followed by batch norm and ReLU (section 2.3).
ops primitives = [
  conv_bn_relu(1), dw_conv_bn_relu(3), sep_conv_bn_relu(3), max_pool(3), avg_pool(3), identity,
]

motif small[6](x) {  # level 2: four nodes, of which the port is the first
  node n { from x; op one of [none, *primitives] }  # `none`: no edge
  node m[2] {
    from  all of earlier
    op    one of [none, *primitives]
    merge concat
    then  conv_bn(1)
  }
  out last(m)
}

motif large(x) {  # level 3: five nodes
  node n { from x; op one of [none, *small] }
  node m[3] {
    from  all of earlier
    op    one of [none, *small]
    merge concat
    then  conv_bn(1)
  }
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
