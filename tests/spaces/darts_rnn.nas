# ENAS RNN 4^12 * 12! ; DARTS RNN 4^8 * 8!
use recurrent (rnn_gate, rnn_highway, embedding, decoder, tanh, relu, sigmoid, identity)
param N = 8
cell rnn(x, state h) {
  node s { from x, h; merge rnn_gate }
  node n[N] {
    from one of [s, *n]
    op   rnn_highway(tanh | relu | sigmoid | identity)
  }
  out mean(n)
}
net ptb {
  input tokens(10000)
  stem  embedding(850)
  stage (width = 850) { rnn }
  head  decoder(10000)
}
