# Hierarchical representations (Liu et al., 2018): the flat baseline of 11 nodes, 55 edges of 6 operations or none each.
use vision (none, identity, sep_conv, max_pool, avg_pool, conv_bn_relu)
ops labelled = [none, identity, sep_conv(3), max_pool(3), avg_pool(3), conv_bn_relu(1), conv_bn_relu(3)]

cell flat(x) {
  node n    { from x;              op one of labelled }
  node m[9] { from all of earlier; op one of labelled; merge add }
  out last(m)
}
