use vision (identity, sep_conv, max_pool, conv_bn, classifier)

ops all_ops = [identity]
all_ops.append(sep_conv(3))

cell normal(a, b) {
  node n { from a; op one of all_ops }
  out n
}
