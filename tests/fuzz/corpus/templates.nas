# Operations and templates as arguments of blocks, decided once or at every use.
use primitives (conv, dw_conv, batch_norm, relu, swish, tanh, identity)

let act = relu | swish
block twice(f, then_a = relu) { shortcut { f; then_a; f } }
block plain(k) { conv(k) }
block deep(k) { dw_conv(k); relu }
block after(kind, k = 3) { kind(k); batch_norm; act }
block pair(f, g, k) { f; after(plain, k); twice(g, tanh | relu); twice(identity) }

net search {
  input image(3, 8, 8)
  stem  conv(3, width = 4)
  stage (width = 4) { pair(conv(3) | dw_conv(3), conv(1 | 3), k = 5); twice(conv(3), act); after(deep); after(plain | deep) }
}
