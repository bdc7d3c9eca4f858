# Mobile networks: inverted bottlenecks, blocks that shuffle channels, and their heads.
# `act` is the activation. `se` stands behind the depthwise convolution: `squeeze_excite(in // 4)`, or nothing.
use primitives (
  identity, none, conv, dw_conv, max_pool, avg_pool, batch_norm, dropout, global_avg, linear,
  relu, relu6, swish, hswish, sigmoid, hsigmoid, every, chunk, channel_shuffle,
)
use vision (conv_bn, conv_bn_relu, classifier)

block conv_bn_act(k, act, eps = 1e-5, stride = 1) { conv(k, stride = stride); batch_norm(eps = eps); act }
block conv_bn_relu6(k, eps = 1e-5, stride = 1)    { conv_bn_act(k, relu6, eps = eps, stride = stride) }
block conv_bn_swish(k, eps = 1e-5, stride = 1)    { conv_bn_act(k, swish, eps = eps, stride = stride) }
block conv_bn_hswish(k, eps = 1e-5, stride = 1)   { conv_bn_act(k, hswish, eps = eps, stride = stride) }

# ---- inverted bottlenecks (MobileNetV2, Sandler et al., 2018) ----

# A depthwise convolution and a linear 1x1.
block separable(k, act = relu6, se = identity, eps = 1e-5, stride = 1) {
  dw_conv(k, stride = stride); batch_norm(eps = eps); act
  se
  conv(1); batch_norm(eps = eps)
}

# The same on `inner` channels.
block inverted(k, inner, act = relu6, se = identity, eps = 1e-5, stride = 1) {
  conv_bn_act(1, act, eps = eps, width = inner)
  separable(k, act = act, se = se, eps = eps, stride = stride)
}

# With a shortcut where the shape is kept.
block bottleneck(k, inner, act = relu6, se = identity, eps = 1e-5, stride = 1) {
  shortcut { inverted(k, inner, act = act, se = se, eps = eps, stride = stride) }
}

# `expand` times the channels received: MBConv6 is mbconv(k, 6). MBConv1 has no first convolution.
block mbconv(k, expand, act = relu6, se = identity, eps = 1e-5, stride = 1) {
  shortcut { inverted(k, expand * in, act = act, se = se, eps = eps, stride = stride) }
}
block mbconv1(k, act = relu6, se = identity, eps = 1e-5, stride = 1) {
  shortcut { separable(k, act = act, se = se, eps = eps, stride = stride) }
}

# ---- squeeze-and-excitation (Hu et al., 2018) ----

# As an argument of a bottleneck `in` is what that receives: squeeze_excite(in // 4) is MnasNet's and EfficientNet's.
block squeeze_excite(inner, act = relu, gate = sigmoid) {
  branch mul { identity } { global_avg; conv(1, width = inner, bias = 1); act; conv(1, width = in, bias = 1); gate }
}

# MobileNetV3's: a quarter of the inner channels to the nearest multiple of 8, or the next where that is below 0.9 of it.
block squeeze_excite_v3 {
  let quarter = in // 4
  let near    = (quarter + 4) // 8 * 8
  squeeze_excite(near + (9 * quarter - 10 * near + 99999) // 100000 * 8, gate = hsigmoid)
}

# ---- ShuffleNetV2 (Ma et al., 2018) ----

block shuffle_projection(k, stride = 1) { dw_conv(k, stride = stride); batch_norm; conv_bn_relu(1) }
block shuffle_branch(k, inner, stride = 1) {
  conv_bn_relu(1, width = inner)
  dw_conv(k, stride = stride); batch_norm; conv_bn_relu(1)
}
block xception_branch(inner, stride = 1) {
  shuffle_projection(3, stride = stride, width = inner)
  shuffle_projection(3)
  shuffle_projection(3)
}

# One half of the channels passes; at a stride both halves are computed from all.
block shuffle_v2(k) {
  branch concat { chunk(2) } { chunk(2, 1); shuffle_branch(k, width // 2, width = width // 2) }
  channel_shuffle
}
block shuffle_v2_down(k, stride = 2) {
  branch concat {
    shuffle_projection(k, stride = stride, width = width // 2)
  } {
    shuffle_branch(k, width // 2, stride = stride, width = width // 2)
  }
  channel_shuffle
}

# SPOS (Guo et al., 2020) shuffles first, so that every other channel passes; at a stride all are projected.
block shuffle(k) { branch concat { every(2) } { every(2, 1); shuffle_branch(k, width // 2, width = width - in // 2) } }
block shuffle_x  { branch concat { every(2) } { every(2, 1); xception_branch(width // 2, width = width - in // 2) } }
block shuffle_down(k, stride = 2) {
  branch concat {
    shuffle_projection(k, stride = stride, width = in)
  } {
    shuffle_branch(k, width // 2, stride = stride, width = width - in)
  }
}
block shuffle_x_down(stride = 2) {
  branch concat {
    shuffle_projection(3, stride = stride, width = in)
  } {
    xception_branch(width // 2, stride = stride, width = width - in)
  }
}

# ---- heads ----

# A 1x1 convolution to `hidden` channels before the average.
block conv_classifier(classes, hidden, act = relu6, bias = 1, drop = 0, eps = 1e-5) {
  conv_bn_act(1, act, eps = eps, width = hidden)
  global_avg; dropout(drop); linear(width = classes, bias = bias)
}

# MobileNetV3: `features` numbers more behind the average; `bias` is that of their linear map.
block late_classifier(classes, hidden, features, act = hswish, bias = 1, drop = 0, eps = 1e-5) {
  conv_bn_act(1, act, eps = eps, width = hidden)
  global_avg; linear(width = features, bias = bias); act; dropout(drop); linear(width = classes)
}
