use "imported/blocks.nas" (stak, conv, alone, first, left)
use "imported/blocks.nas"

cell f(x) {
  node n { from x; op stak(3) }
  node m { from n; op left }
  out m
}
