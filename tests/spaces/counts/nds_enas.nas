# NDS (Radosavovic et al., 2019), table 1: an ENAS cell; five nodes of two inputs, 5 operations each.
use vision (relu_conv_bn, identity, sep_conv, avg_pool, max_pool)
ops all_of_them = [identity, sep_conv(3), sep_conv(5), avg_pool(3), max_pool(3)]

cell c(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[5] { from one of earlier, one of earlier; op one of all_of_them; merge add }
  out concat(n)
}
