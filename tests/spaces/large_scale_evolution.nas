# Large-Scale Evolution, bounded: up to 40 layers, any skip, and the learning rate
use vision (conv, conv_bn_relu, identity, classifier)
hyper lr = one of [0.4, 0.2, 0.1, 0.05, 0.025]
cell body(x) {
  node l[0..40] {
    from   prev
    op     one of [
      identity, conv(one of [1, 3, 5, 7], width = one of 8..512 step 8, stride = 1 | 2),
      conv_bn_relu(one of [1, 3, 5, 7], width = one of 8..512 step 8, stride = 1 | 2),
    ]
    absorb some of l
    merge  add
  }
  out last(l)
}
net cifar10 { input image(3, 32, 32); body; head classifier(10) }
