# nasdsl check FILE --ops no_such_plugin
use vision (conv)

cell f(x) {
  node n { from x; op conv(3) }
  out n
}
