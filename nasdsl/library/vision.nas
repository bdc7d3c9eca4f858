# Image operations as blocks over the primitives. Batch norm and ReLU stand where each paper's code has them.
use primitives (
  identity, none, conv, dw_conv, max_pool, avg_pool, batch_norm, relu, sigmoid, swish, hswish, tanh,
  global_avg, linear, shift,
)

# ---- convolution after an activation: NASNet, DARTS ----

block relu_conv_bn(k, stride = 1) { relu; conv(k, stride = stride); batch_norm }

# Applied twice, the stride in the first (Zoph et al., 2018, appendix A.4).
block sep_conv(k, stride = 1) {
  relu; dw_conv(k, stride = stride); conv(1, width = in); batch_norm
  relu; dw_conv(k);                  conv(1);             batch_norm
}

block dil_conv(k, stride = 1) { relu; dw_conv(k, stride = stride, dilation = 2); conv(1); batch_norm }

block conv_1xn_nx1(n, stride = 1) {
  relu
  conv(h = 1, w = n, stride_w = stride, width = width)
  conv(h = n, w = 1, stride_h = stride)
  batch_norm
}

# Halves the resolution without losing every other pixel: two 1x1 convolutions, one of them a pixel to the right and down.
block factorized_reduction {
  relu
  branch concat {
    conv(1, stride = 2, width = width // 2)
  } {
    shift(1); conv(1, stride = 2, width = width - width // 2)
  }
  batch_norm
}

# ---- convolution before an activation ----

block conv_bn(k, stride = 1)          { conv(k, stride = stride); batch_norm }
block conv_bn_relu(k, stride = 1)     { conv(k, stride = stride); batch_norm; relu }
block dw_conv_bn_relu(k, stride = 1)  { dw_conv(k, stride = stride); batch_norm; relu }
block sep_conv_bn_relu(k, stride = 1) { dw_conv(k, stride = stride); conv(1); batch_norm; relu }

# ---- residual blocks ----

# NATS-Bench's block between two stages: on the shortcut the image is averaged, and no batch norm follows the 1x1.
block residual(stride = 1) {
  branch add {
    relu_conv_bn(3, stride = stride, width = width); relu_conv_bn(3)
  } {
    avg_pool(stride, stride = stride); conv(1)
  }
}

# ---- heads ----

block classifier(classes)    { global_avg; linear(width = classes) }
block bn_classifier(classes) { batch_norm; relu; global_avg; linear(width = classes) }

# Auxiliary heads of DARTS (Liu et al., 2019), on an image of 8x8 and on one of 7x7, which the pool takes to 2x2 and the
# second convolution to one pixel. That for ImageNet has no batch norm behind it.
block aux_cifar(classes) {
  relu; avg_pool(5, stride = 3, padding = 0); conv(1, width = 128); batch_norm
  relu; conv(2, width = 768, padding = 0);    batch_norm;           relu
  classifier(classes)
}
block aux_imagenet(classes) {
  relu; avg_pool(5, stride = 2, padding = 0); conv(1, width = 128); batch_norm
  relu; conv(2, width = 768, padding = 0);    relu
  classifier(classes)
}
