use "imported/circle.nas" (circle)
use "import_circle.nas" (again)

cell c(x) {
  node n { from x; op circle }
  out n
}
