use vision (sep_conv, identity)

cell normal(a, b) {
  node n {
    from  [
      a
      b,
    ]
    op    one of [
      sep_conv(3),
      sep_conv(5) identity,
    ]
    merge add ** 2
  }
  out n
}
