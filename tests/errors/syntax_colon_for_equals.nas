param N: 6
block b {
  conv(k: 3)
}
cell c(x) {
  node n { from: x }
}
