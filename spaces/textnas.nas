# TextNAS (Wang et al., 2020), as its official code has it: 24 layers over a text, without its dropout.
# A layer reads one of the last five, and adds any of all. 8^24 * 5!/5 * 5^20 * 2^276 genotypes.
use text (
  conv1d_bn_relu, avg_pool1d, max_pool1d, gru, attention, batch_norm, embedding, text_classifier,
)

param C = 256  # channels

ops text = [
  conv1d_bn_relu(1), conv1d_bn_relu(3), conv1d_bn_relu(5), conv1d_bn_relu(7),
  avg_pool1d(3), max_pool1d(3), gru, attention(4),
]

cell layers(x) {
  node first { from x; op one of text; then batch_norm }
  node l[23] {
    from   one of last 5 of [first, *l]
    op     one of text
    merge  add
    absorb some of [first, *l]
    then   batch_norm
  }
  out weighted_mean([first, *l])
}

net sst {  # Stanford Sentiment Treebank, five classes
  input tokens(20000, 64)
  stem  embedding(300)
  stem  conv1d_bn_relu(1, width = C)
  stage (width = C) { layers }
  head  text_classifier(5)
}
