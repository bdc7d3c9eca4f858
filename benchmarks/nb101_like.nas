# A cell like those of NAS-Bench-101: 21 edges that are there or not, and 5 operations. 2^21 * 3^5 genotypes.
use vision (conv_bn_relu, max_pool)

ops nb101 = [conv_bn_relu(3), conv_bn_relu(1), max_pool(3)]

cell module(x) {
  align reads always conv_bn_relu(1)
  node v[5] {
    from  some of earlier
    merge add
    then  one of nb101
  }
  node o { from some of v; merge concat; then conv_bn_relu(1) }
  node z { from o;         absorb some of [x]; merge add }
  out z
  require edges <= 9
}
