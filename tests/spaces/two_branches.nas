# Two branches, and a squeeze-excite and a factorised reduction written as blocks
use vision (identity, conv_bn_relu, conv, relu, sigmoid, hswish, global_avg, batch_norm, shift, dw_conv, classifier)
block left  { repeat 1..3 { conv_bn_relu(3 | 5) } }
block right { conv_bn_relu(1); conv_bn_relu(7) }
block se(ratio = 4) {
  branch mul { identity } { global_avg; conv(1, width = in // ratio); relu; conv(1, width = in); sigmoid }
}
block factorized_reduction {
  relu
  branch concat {
    conv(1, stride = 2, width = width // 2)
  } {
    shift(1); conv(1, stride = 2, width = width - width // 2)
  }
  batch_norm
}
block mbconv(k, expand, se = 0, stride = 1) {
  shortcut {
    conv(1, width = expand * in); batch_norm; hswish
    dw_conv(k, stride = stride);  batch_norm; hswish
    conv(1);                      batch_norm
  }
}
net two {
  input image(3, 32, 32)
  stage (width = 32) { branch add | concat { left } { right } }
  head  classifier(10)
}
