# NDS (Radosavovic et al., 2019), table 1: a NASNet cell; five nodes of two inputs, 13 operations each.
use vision (relu_conv_bn, identity, sep_conv, dil_conv, max_pool, avg_pool, conv_bn_relu)
ops all_of_them = [
  identity, sep_conv(3), sep_conv(5), sep_conv(7), dil_conv(3), dil_conv(5), max_pool(3), max_pool(5), max_pool(7),
  avg_pool(3), avg_pool(5), conv_bn_relu(1), conv_bn_relu(3),
]

cell c(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[5] { from one of earlier, one of earlier; op one of all_of_them; merge add }
  out concat(n)
}
