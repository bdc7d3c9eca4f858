# Activation functions (Ramachandran et al., 2017): each unit joins two values, behind one of 25 functions each, by one
# of 10. 6,250 functions of one unit and 156,250,000 of two; with N = 3 about 10^13, the order of the paper's spaces.
use pointwise (
  identity, neg, abs, square, cube, sqrt, scale, offset, log_abs, exp, sin, cos, sinh, cosh, tanh, asinh, atan, sinc,
  relu, min_zero, sigmoid, softplus, gaussian, erf, constant,
)
use vision (conv_bn, classifier)

param N = 2   # units at most
param D = 3   # residual blocks a stage
param C = 16  # channels of the first stage

ops unary = [
  identity, neg, abs, square, cube, sqrt, scale, offset, log_abs, exp, sin, cos, sinh, cosh, tanh, asinh, atan, sinc,
  relu, min_zero, sigmoid, softplus, gaussian, erf, constant,
]
ops binary = [add, mul, sub, div, max, min, gated, rbf, laplace, lerp]

cell activation(x) {
  node u[1..N] {
    from  pick 2 of earlier with repeats
    op    one of unary
    merge one of binary
  }
  out last(u)
}

cell act = activation()  # one function for the whole net

block first    { conv_bn(3, width = C); act }
block residual { shortcut { conv_bn(3); act; conv_bn(3) }; act }

block halved {
  branch add {
    conv_bn(3, stride = 2); act; conv_bn(3)
  } {
    conv_bn(1, stride = 2)
  }
  act
}

net resnet20 {  # what the paper trains for each function, with projections as shortcuts
  input image(3, 32, 32)
  stem  first
  stage (width = C)     { repeat D { residual } }
  stage (width = 2 * C) { halved; repeat D - 1 { residual } }
  stage (width = 4 * C) { halved; repeat D - 1 { residual } }
  head  classifier(10)
}

# x * sigmoid(b x), with a learned b for each channel.
genotype swish of resnet20 {
  activation.u = 1
  activation.u[0] { from x, x; op scale, identity; merge gated }
}
