# NDS (Radosavovic et al., 2019), table 1: an Amoeba or PNAS cell; five nodes of two inputs, 8 operations each.
use vision (relu_conv_bn, identity, sep_conv, avg_pool, max_pool, dil_conv)
ops all_of_them = [identity, sep_conv(3), sep_conv(5), sep_conv(7), avg_pool(3), max_pool(3), dil_conv(3), dil_conv(5)]

cell c(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[5] { from one of earlier, one of earlier; op one of all_of_them; merge add }
  out concat(n)
}
