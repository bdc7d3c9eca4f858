# NATS-Bench, the size space (Dong et al., 2021): five widths of one network of fixed cells. 8^5 = 32,768 genotypes.
# The first width is also that of the stem.
use vision (identity, relu_conv_bn, conv_bn, residual, bn_classifier)

let c0 = one of 8..64 step 8

cell infer(x) {
  align reads needed native(conv_bn(1))  # a convolution maps the width itself, and this stands for an identity
  node a { from x;       op relu_conv_bn(3) }
  node b { from x, a;    op relu_conv_bn(3), relu_conv_bn(3);           merge add }
  node c { from x, a, b; op identity, relu_conv_bn(3), relu_conv_bn(3); merge add }
  out c
}

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = c0)
  stage (width = c0)                  { infer }
  stage (width = one of 8..64 step 8) { residual(stride = 2) }
  stage (width = one of 8..64 step 8) { infer }
  stage (width = one of 8..64 step 8) { residual(stride = 2) }
  stage (width = one of 8..64 step 8) { infer }
  head  bn_classifier(10)
}
