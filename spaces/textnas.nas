# TextNAS (Wang et al., 2020), as its official code has it, without dropout, and its point for SST. A layer passes one of
# the last five through one of 8 operations, and adds any of all before it. 8^24 * 24 * 5^19 * 2^276 genotypes, 10^119.
use text (conv1d_bn_relu, avg_pool1d, max_pool1d, gru, attention, batch_norm, embedding, text_classifier)

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

net sst {  # the Stanford Sentiment Treebank
  input tokens(20000, 64)
  stem  embedding(300)
  stem  conv1d_bn_relu(1, width = C)
  stage (width = C) { layers }
  head  text_classifier(5)
}

genotype textnas of sst {
  layers.first { op max_pool1d(3) }
  layers.l[0]  { from first; op attention(4);      absorb [] }
  layers.l[1]  { from first; op conv1d_bn_relu(7); absorb [] }
  layers.l[2]  { from l[1];  op gru;               absorb [l[0], l[1]] }
  layers.l[3]  { from l[1];  op conv1d_bn_relu(3); absorb [l[0]] }
  layers.l[4]  { from l[3];  op conv1d_bn_relu(3); absorb [l[1], l[3]] }
  layers.l[5]  { from l[4];  op conv1d_bn_relu(1); absorb [l[1], l[2], l[3], l[4]] }
  layers.l[6]  { from l[1];  op gru;               absorb [l[0], l[1]] }
  layers.l[7]  { from l[3];  op max_pool1d(3);     absorb [l[0], l[2], l[3], l[5], l[6]] }
  layers.l[8]  { from l[5];  op max_pool1d(3);     absorb [l[4], l[6], l[7]] }
  layers.l[9]  { from l[4];  op attention(4);      absorb [first, l[0], l[3], l[6], l[7]] }
  layers.l[10] { from l[5];  op avg_pool1d(3);     absorb [first, l[2], l[3], l[4], l[5]] }
  layers.l[11] { from l[9];  op conv1d_bn_relu(3); absorb [first, l[0], l[2], l[4], l[7]] }
  layers.l[12] { from l[10]; op conv1d_bn_relu(5); absorb [first, l[0], l[5], l[8], l[9], l[11]] }
  layers.l[13] { from l[11]; op conv1d_bn_relu(1); absorb [l[1], l[5], l[6], l[7], l[9], l[10]] }
  layers.l[14] { from l[13]; op conv1d_bn_relu(7); absorb [first, l[5], l[9], l[10], l[13]] }
  layers.l[15] { from l[13]; op conv1d_bn_relu(5); absorb [l[8], l[9], l[11], l[13]] }
  layers.l[16] { from l[15]; op avg_pool1d(3);     absorb [l[0], l[1], l[2], l[3], l[6], l[8], l[13]] }
  layers.l[17] { from l[14]; op conv1d_bn_relu(7); absorb [l[4], l[12], l[13], l[14], l[16]] }
  layers.l[18] { from l[15]; op conv1d_bn_relu(7); absorb [l[2], l[9], l[13]] }
  layers.l[19] { from l[15]; op max_pool1d(3);     absorb [first, l[0], l[9], l[10], l[13], l[14], l[15], l[16]] }
  layers.l[20] { from l[15]; op attention(4);      absorb [l[0], l[1], l[2], l[6], l[8], l[9], l[10], l[11], l[13]] }
  layers.l[21] { from l[20]; op attention(4);      absorb [l[1], l[2], l[3], l[4], l[6], l[8], l[9], l[14], l[20]] }
  layers.l[22] { from l[20]; op conv1d_bn_relu(7); absorb [first, l[2], l[6], l[11], l[15]] }
}
