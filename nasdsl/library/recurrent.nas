# Recurrent cells (ENAS, Pham et al., 2018; DARTS, Liu et al., 2019). No linear map has a bias, but the decoder's.
use primitives (embedding, linear, dropout, identity, tanh, relu, sigmoid)

block gate         { linear(bias = 0); sigmoid }
block candidate(f) { linear(bias = 0); f }

# A recurrent highway: s + sigmoid(V s) * (f(W s) - s).
block rnn_highway(f) {
  branch add {
    identity
  } {
    branch mul {
      gate
    } {
      branch sub { candidate(f) } { identity }
    }
  }
}

# A number for each word of a vocabulary, at every place.
block decoder(vocabulary) { linear(width = vocabulary) }
