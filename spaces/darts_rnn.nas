# The recurrent cell of DARTS (Liu et al., 2019) with its two published points. 8! * 4^8 = 2,642,411,520 genotypes.
# With N = 12 that of ENAS (Pham et al., 2018): 12! * 4^12. Both papers give the decoder the embedding's weights.
use recurrent (gate, candidate, rnn_highway, embedding, decoder, tanh, relu, sigmoid, identity)

param N = 8    # searched nodes
param C = 850  # numbers of a state, and of a word

cell rnn(x, state h) {
  node c { from x, h; merge concat; then gate }
  node t { from x, h; merge concat; then candidate(tanh) }
  node d { from t, h; merge sub }
  node g { from c, d; merge mul }
  node s { from h, g; merge add }
  node n[N] {
    from one of [s, *n]
    op   rnn_highway(tanh | relu | sigmoid | identity)
  }
  out mean(n)
}

net ptb {  # Penn Treebank, 35 words at a time
  input tokens(10000, 35)
  stem  embedding(C)
  stage (width = C) { rnn }
  head  decoder(10000)
}

genotype darts_v1 of ptb {
  rnn.n[0] { from s;    op rnn_highway(relu) }
  rnn.n[1] { from n[0]; op rnn_highway(relu) }
  rnn.n[2] { from n[1]; op rnn_highway(tanh) }
  rnn.n[3] { from n[2]; op rnn_highway(relu) }
  rnn.n[4] { from n[3]; op rnn_highway(relu) }
  rnn.n[5] { from n[0]; op rnn_highway(identity) }
  rnn.n[6] { from n[4]; op rnn_highway(relu) }
  rnn.n[7] { from n[0]; op rnn_highway(relu) }
}

genotype darts_v2 of ptb {
  rnn.n[0] { from s;    op rnn_highway(sigmoid) }
  rnn.n[1] { from n[0]; op rnn_highway(relu) }
  rnn.n[2] { from n[0]; op rnn_highway(relu) }
  rnn.n[3] { from n[0]; op rnn_highway(identity) }
  rnn.n[4] { from n[1]; op rnn_highway(tanh) }
  rnn.n[5] { from n[4]; op rnn_highway(sigmoid) }
  rnn.n[6] { from n[2]; op rnn_highway(tanh) }
  rnn.n[7] { from n[4]; op rnn_highway(relu) }
}
