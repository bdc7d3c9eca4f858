use "imported/wrong.nas" (single, double)

cell f(x) {
  node n { from x; op single }
  node m { from n; op double }
  out m
}
