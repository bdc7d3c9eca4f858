# Swish: unary, binary, unary, twice
use pointwise (
  identity, neg, abs, square, cube, sqrt, exp, sin, sinh, tanh, sigmoid, erf, softplus, scale, offset, sub, div, pow,
)
ops unary  = [identity, neg, abs, square, cube, sqrt, exp, sin, sinh, tanh, sigmoid, erf, softplus, scale, offset]
ops binary = [add, mul, sub, div, max, min, pow]
cell activation(x) {
  node u[2] {
    from  pick 2 of earlier with repeats
    op    one of unary
    merge one of binary
  }
  out last(u)
}
