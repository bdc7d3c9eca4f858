cell normal(a, b) {
  node n {
    from a
    op   conv(3)
  out n
}

param N = 6
