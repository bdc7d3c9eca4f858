use "imported/deep/d00.nas" (b)

cell f(x) {
  node n { from x; op b }
  out n
}
