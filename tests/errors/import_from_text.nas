# nasdsl check -
use "imported/blocks.nas" (stack)

cell f(x) {
  node n { from x; op stack(3) }
  out n
}
