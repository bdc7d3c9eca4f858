# gives: W0401. Four thousand runs of a block with seventy operations took two seconds.
use primitives (conv, dw_conv, batch_norm, relu, swish, identity)
block b(k, expand) { conv(1, width = expand * in); batch_norm; relu | swish; dw_conv(k); batch_norm; relu; conv(1) }
block long { repeat 8 { b(k = 3 | 5 | 7, expand = one of [3, 6]) | identity } }
net search { input image(3, 16, 16); stem conv(3, width = 8); stage (width = 8) { long } }
