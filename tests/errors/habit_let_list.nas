use vision (identity, sep_conv, max_pool, conv_bn, classifier)

let k = [3, 5]
cell normal(a, b) {
  node n {
    from a, b
    op sep_conv(k)
    merge add
  }
  out n
}
