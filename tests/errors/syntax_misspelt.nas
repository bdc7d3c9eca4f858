cel normal(a, b) { out b }
cell c(x) {
  node n { form x }
}
cell d(x) {
  node n { from pick 2 off earlier }
}
net n {
  repaet 3 { conv(3) }
}
cell e(x) {
  node n { from pick 2 of earlier with repeat }
}
cell f(x) {
  node n { from x; opp conv(3) }
}
