use "/usr/share/blocks.nas" (a)
use "imported/blocks" (stack)
use "imported/notes.txt" (nothing)
use "" (c)

cell f(x) {
  node n { from x; op stack(3) }
  out n
}
