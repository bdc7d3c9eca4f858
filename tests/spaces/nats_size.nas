# NATS size: 8^5; the operation itself, not an alignment, changes the width
use vision (identity, relu_conv_bn, conv_bn, residual, bn_classifier)
cell infer(x) {
  align reads needed native  # the operation on the edge maps the width itself
  node a { from x;       op relu_conv_bn(3) }
  node b { from x, a;    op relu_conv_bn(3), relu_conv_bn(3);           merge add }
  node c { from x, a, b; op identity, relu_conv_bn(3), relu_conv_bn(3); merge add }
  out c
}
let c0 = one of 8..64 step 8
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
