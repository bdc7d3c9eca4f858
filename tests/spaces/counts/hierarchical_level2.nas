# Hierarchical representations (Liu et al., 2018): the six motifs of level 2, six edges of 6 operations or none each.
use vision (none, identity, sep_conv, max_pool, avg_pool, conv_bn_relu, conv_bn, classifier)
ops labelled = [none, identity, sep_conv(3), max_pool(3), avg_pool(3), conv_bn_relu(1), conv_bn_relu(3)]

motif small[6](x) {
  node n    { from x;              op one of labelled }
  node m[2] { from all of earlier; op one of labelled; merge add }
  out last(m)
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { small[0]; small[1]; small[2]; small[3]; small[4]; small[5] }
  head  classifier(10)
}
