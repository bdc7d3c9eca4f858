use vision (conv)
use "imported/blocks.nas" (stack)

block stack { conv(3) }

cell f(x) {
  node n { from x; op stack }
  out n
}
