# TextNAS: 8^24 * prod_{i<24} max(1, min(i, 5)) * 2^276
use text (conv1d, avg_pool1d, max_pool1d, gru, attention, embedding, layer_norm, text_classifier)
ops text = [conv1d(1), conv1d(3), conv1d(5), conv1d(7), avg_pool1d(3), max_pool1d(3), gru, attention(8)]
cell layers(x) {
  node first { from x; op one of text; then layer_norm }
  node l[23] {
    from   one of last 5 of [first, *l]
    op     one of text
    merge  add
    absorb some of [first, *l]
    then   layer_norm
  }
  out weighted_mean(l)
}
net sst { input tokens(20000); stem embedding(256); stage (width = 256) { layers }; head text_classifier(5) }
