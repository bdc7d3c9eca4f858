# Inverted bottlenecks: numbers chosen in arguments, widths calculated from what is received.
use primitives (conv, dw_conv, batch_norm, relu, swish, identity, global_avg, linear)

param W = 8

block mbconv(k, expand = 6, stride = 1) {
  conv(1, width = expand * in); batch_norm; relu | swish
  dw_conv(k, stride = stride); batch_norm; relu
  conv(1, width = width); batch_norm
}
ops six = [mbconv(k = each [3, 5, 7], expand = each [3, 6])]
block head_of(classes) { global_avg; linear(width = classes) }
block first { one of six }
block most { one of six except [mbconv(k = 7, expand = 6)] }
block rest { most | identity }
block free(k) { shortcut { mbconv(k, expand = 2 | 4, width = width) } }

net imagenet {
  input image(3, 64, 64)
  stem  conv(3, width = 2 * W, stride = 2)
  stage s1 (width = W) { mbconv(k = 3, expand = 1) }
  stage s2 (width = 3 * W // 2, stride = 2) { first; repeat 2 { rest } }
  stage s3 (width = 5 * W - W, stride = 2) { mbconv(k = 3 | 5 | 7, expand = one of 3..6 step 3); free(3 | 5) }
  head  head_of(100)
}
