# NAS-RL: 64^15 * 2^105
use vision (conv, batch_norm, relu, classifier)
block layer(h, w) { conv(h = h, w = w); batch_norm; relu }
cell layers(x) {
  node l[15] {
    from  prev, some of earlier except prev
    merge concat
    then  layer(h = 1 | 3 | 5 | 7, w = 1 | 3 | 5 | 7, width = 24 | 36 | 48 | 64)
    width free
  }
  out concat(unused(l))
}
net cifar10 { input image(3, 32, 32); stage (width = 36) { layers }; head classifier(10) }
