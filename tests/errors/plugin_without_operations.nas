# nasdsl check FILE --ops plugin_empty
use vision (conv)

cell f(x) {
  node n { from x; op conv(3) }
  out n
}
