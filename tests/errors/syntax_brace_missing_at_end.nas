param N = 6

cell normal(a, b) {
  node n {
    from a
    op   conv(3)
  }
  out n
