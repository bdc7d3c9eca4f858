# nasdsl check FILE --ops plugin_of_words
use vision (conv)

cell f(x) {
  node n { from x; op conv(3) }
  out n
}
