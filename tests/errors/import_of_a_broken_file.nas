use "imported/unread.nas" (single, double)

cell f(x) {
  node n { from x; op single }
  out n
}
