# FairDARTS: independent gates. Gate space 2^196 (some of); deployed: at most two inputs a node.
use vision (identity, sep_conv, dil_conv, avg_pool, max_pool, conv_bn, relu_conv_bn, classifier)
ops darts = [max_pool(3), avg_pool(3), identity, sep_conv(3), sep_conv(5), dil_conv(3), dil_conv(5)]

cell gates(prev2, prev1) {
  node n[4] {
    from  all of earlier
    op    some of darts
    merge add
  }
  out concat(n)
}
cell deployed(prev2, prev1) {
  node n[4] {
    from  pick 1..2 of earlier
    op    one of darts
    merge add
  }
  out concat(n)
}
cell gates_reduce = fresh gates(stride = 2)
net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 48)
  stage (width = 16) { repeat 2 { gates } }
  stage (width = 32) { gates_reduce; repeat 2 { gates } }
  stage (width = 64) { gates_reduce; gates }
  head  classifier(10)
}
