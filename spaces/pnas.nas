# PNAS (Liu et al., 2018): one cell of five blocks, used at strides 1 and 2. 556,627,761,561,600 genotypes.
use vision (identity, sep_conv, avg_pool, max_pool, conv_1xn_nx1, dil_conv, conv_bn, classifier)

param N = 3   # cells of stride 1 in each stage
param C = 48  # channels of the first stage

ops pnas = [sep_conv(3), sep_conv(5), sep_conv(7), conv_1xn_nx1(7), identity, avg_pool(3), max_pool(3), dil_conv(3)]

cell c(prev2, prev1) {
  node b[5] {
    from  pick 2 of earlier with repeats
    op    one of pnas
    merge add
  }
  out concat(b)
}

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 32)
  stage (width = C)     { repeat N { c } }
  stage (width = 2 * C) { c(stride = 2); repeat N { c } }
  stage (width = 4 * C) { c(stride = 2); repeat N { c } }
  head  classifier(10)
}

# The best cell of five blocks (figure 1).
genotype pnasnet5 of cifar10 {
  c.b[0] { from prev2, prev2; op sep_conv(5), max_pool(3) }
  c.b[1] { from prev1, prev1; op sep_conv(7), max_pool(3) }
  c.b[2] { from prev1, prev1; op sep_conv(5), sep_conv(3) }
  c.b[3] { from b[2], prev1;  op sep_conv(3), max_pool(3) }
  c.b[4] { from prev2, prev1; op sep_conv(3), identity }
}
