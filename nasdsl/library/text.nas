# Texts: operations along a sequence of words as blocks (TextNAS, Wang et al., 2020).
use primitives (
  identity, none, embedding, conv1d, avg_pool1d, max_pool1d, gru, attend, linear, batch_norm, layer_norm, dropout, relu,
  global_avg,
)

block conv1d_bn_relu(k) { conv1d(k, bias = 1); batch_norm; relu }

# TextNAS's self-attention: ReLU on queries, keys and values, and no map behind.
block attention(heads) { linear(width = 3 * in); relu; attend(heads); batch_norm }

block text_classifier(classes) { global_avg; linear(width = classes) }
