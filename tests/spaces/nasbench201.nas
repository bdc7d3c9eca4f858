# NAS-Bench-201 (Dong and Yang, 2020): three nodes behind the input, an operation on each of six edges. 15,625 genotypes.
use vision (identity, none, avg_pool, relu_conv_bn, conv_bn, residual, bn_classifier)

param C = 16
param N = 5

ops nasbench201 = [none, identity, relu_conv_bn(1), relu_conv_bn(3), avg_pool(3)]

cell cell201(x) {
  node n[3] {
    from  all of earlier
    op    one of nasbench201
    merge add
  }
  out last(n)
}

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = C)
  stage (width = C)     { repeat N { cell201 } }
  stage (width = 2 * C) { residual(stride = 2); repeat N { cell201 } }
  stage (width = 4 * C) { residual(stride = 2); repeat N { cell201 } }
  head  bn_classifier(10)
}
