# Scalar functions: what searched activation functions are made of (Ramachandran et al., 2017, section 2).
# The joins of two values (add, mul, sub, div, max, min, gated, rbf, laplace, lerp) are in scope without being named.
use primitives (
  identity, neg, abs, square, cube, sqrt, scale, offset, log_abs, exp, sin, cos, sinh, cosh, tanh, asinh, atan, sinc,
  relu, min_zero, sigmoid, softplus, gaussian, erf, constant,
)
