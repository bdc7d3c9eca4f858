# ENAS macro: 6^12 * 2^66 : skips from earlier layers, not from the stem
use vision (conv_bn_relu, sep_conv, avg_pool, max_pool, batch_norm, conv_bn, classifier)
ops macro = [conv_bn_relu(3), conv_bn_relu(5), sep_conv(3), sep_conv(5), avg_pool(3), max_pool(3)]
cell layers(x) {
  node l[12] {
    from   prev
    op     one of macro
    merge  add
    absorb some of l  # inside l: its earlier elements
    then   batch_norm
  }
  out last(l)
}
net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 96)
  stage (width = 96) { layers }
  head  classifier(10)
}
