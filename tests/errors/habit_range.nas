use vision (identity, sep_conv, max_pool, conv_bn, classifier)

let k = one of range(3, 8)

cell normal(a, b) {
  node n {
    from a, b
    op sep_conv(k)
    merge add
  }
  out n
}
