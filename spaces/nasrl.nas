# NAS-RL (Zoph and Le, 2017): 15 convolutions of any size and number of filters, and any skips between them.
# 64^15 * 2^105 = 50,216,813,883,093,446,110,686,315,385,661,331,328,818,843,555,712,276,103,168 genotypes.
use vision (conv, batch_norm, relu, classifier)

param L = 15  # layers

block layer(h, w) { conv(h = h, w = w); batch_norm; relu }

cell layers(x) {
  node l[L] {
    from  prev, some of earlier except prev
    merge concat
    then  layer(h = 1 | 3 | 5 | 7, w = 1 | 3 | 5 | 7, width = 24 | 36 | 48 | 64)
    width free
  }
  out concat(unused(l))
}

net cifar10 {
  input image(3, 32, 32)
  stage (width = 36) { layers }
  head  classifier(10)
}
