# NAS-Bench-101 (Ying et al., 2019): cells of up to five vertices between input and output, with up to nine edges.
# 2^21 * 3^5 = 509,607,936 genotypes, 169,093,980 of at most nine edges, 423,624 different models.
use vision (conv_bn_relu, max_pool, classifier)

param N = 3    # cells a stage
param C = 128  # channels of the first stage

ops nasbench101 = [conv_bn_relu(3), conv_bn_relu(1), max_pool(3)]

cell module(x) {
  align reads always conv_bn_relu(1)  # a projection of its own for every edge that reads x
  node v[5] {
    from  some of earlier
    merge add
    then  one of nasbench101
    width shared  # the output shares its width among the vertices that it joins
  }
  node o { from some of v;      merge concat }
  node z { from o, some of [x]; merge add }
  out z
  require edges <= 9
}

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn_relu(3, width = C)
  stage (width = C)     { repeat N { module } }
  stage (width = 2 * C) { max_pool(2, stride = 2); repeat N { module } }
  stage (width = 4 * C) { max_pool(2, stride = 2); repeat N { module } }
  head  classifier(10)
}

# The example of the released code, like an Inception cell; and a single convolution.
genotype inception of cifar10 {
  module.v[0] { from x;    then conv_bn_relu(1) }
  module.v[1] { from x;    then conv_bn_relu(3) }
  module.v[2] { from x;    then conv_bn_relu(3) }
  module.v[3] { from v[2]; then conv_bn_relu(3) }
  module.v[4] { from x;    then max_pool(3) }
  module.o    { from v[0], v[1], v[3], v[4] }
  module.z    { from [] }
}

genotype single of cifar10 {
  module.v[0] { from x;  then conv_bn_relu(3) }
  module.v[1] { from []; then conv_bn_relu(3) }
  module.v[2] { from []; then conv_bn_relu(3) }
  module.v[3] { from []; then conv_bn_relu(3) }
  module.v[4] { from []; then conv_bn_relu(3) }
  module.o    { from v[0] }
  module.z    { from [] }
}
