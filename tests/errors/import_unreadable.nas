use "imported/nowhere.nas" (a)
use "imported/folder.nas" (b)
use "imported/latin.nas" (c)

cell f(x) {
  node n { from x; op a }
  out n
}
