# A cell with a state along a sequence, and functions chosen in it.
use primitives (linear, tanh, sigmoid, relu, identity)

cell rnn(x, state h) {
  node s { from x, h; op linear; merge add; then tanh | sigmoid }
  node n[3] { from one of earlier except [x, h]; op one of [tanh, relu, sigmoid, identity]; then linear }
  out mean(n)
}
net search {
  input sequence(8, 16)
  stage (width = 8) { rnn }
}
