use vision (sep_conv, identity)

cell normal(a, b) {
  node n[4] {
    from  pick 2 earlier
    opp   one of [sep_conv(3), identity]
    merge = add
  }
  out concat(n)
}
