# NAS-Bench-101: 2^21 * 3^5 raw; at most nine live edges; input -> output is an added projection
use vision (conv_bn_relu, max_pool, classifier)
ops nb101 = [conv_bn_relu(3), conv_bn_relu(1), max_pool(3)]
cell module(x) {
  align reads always conv_bn_relu(1)  # a projection of its own for every edge that reads x
  node v[5] {
    from  some of earlier
    merge add
    then  one of nb101
  }
  node o { from some of v;      merge concat_split }
  node z { from o, some of [x]; merge add }
  out z
  require edges <= 9
}
net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn_relu(3, width = 128)
  stage (width = 128) { repeat 3 { module } }
  stage (width = 256) { max_pool(2, stride = 2); repeat 3 { module } }
  stage (width = 512) { max_pool(2, stride = 2); repeat 3 { module } }
  head  classifier(10)
}
