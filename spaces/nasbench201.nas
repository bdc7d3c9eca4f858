# NAS-Bench-201 (Dong and Yang, 2020): three nodes behind the input, an operation on each of six edges. 15,625 genotypes.
use vision (identity, none, avg_pool, relu_conv_bn, conv_bn, residual, bn_classifier)

param C = 16  # channels of the first stage
param N = 5   # cells a stage

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

net cifar100 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = C)
  stage (width = C)     { repeat N { cell201 } }
  stage (width = 2 * C) { residual(stride = 2); repeat N { cell201 } }
  stage (width = 4 * C) { residual(stride = 2); repeat N { cell201 } }
  head  bn_classifier(100)
}

net imagenet16 {
  input image(3, 16, 16)
  stem  conv_bn(3, width = C)
  stage (width = C)     { repeat N { cell201 } }
  stage (width = 2 * C) { residual(stride = 2); repeat N { cell201 } }
  stage (width = 4 * C) { residual(stride = 2); repeat N { cell201 } }
  head  bn_classifier(120)
}

# The example of the documentation: |nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|
genotype documented of cifar10 {
  cell201.n[0] { op relu_conv_bn(3) }
  cell201.n[1] { op relu_conv_bn(3), avg_pool(3) }
  cell201.n[2] { op identity, relu_conv_bn(3), identity }
}
