use vision (identity, sep_conv)

cell f(x) {
  node n[3] {
    from  all of earlier
    op    some of [identity, sep_conv(3)]
    merge add
    require edges >= 2
  }
  out last(n)
  require edges <= 7 and count(identity) >= 1
  require edges <= 5
}
