# nasdsl check FILE -p K=5
use "imported/blocks.nas" (K)
use vision (conv)

cell f(x) {
  node n { from x; op conv(K) }
  out n
}
