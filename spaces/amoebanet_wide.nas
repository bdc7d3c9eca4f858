# AmoebaNet-B and -D (Real et al., 2019), whose specifications in the released code use operations beyond the eight of
# AmoebaNet-A. 1,807,549,033,478,400^2 genotypes. As in amoebanet_specs.nas, what nobody has read joins the output.
use vision (
  identity, sep_conv, dil_conv, avg_pool, max_pool, conv_1xn_nx1, relu_conv_bn, conv_bn, classifier,
)
param N = 4   # normal cells a stage
param F = 48  # channels of the first stage
block dil_sep_conv(k, stride = 1) { dil_conv(k, stride = stride); dil_conv(k) }
ops wide = [
  identity, relu_conv_bn(1), relu_conv_bn(3), conv_1xn_nx1(7), sep_conv(3), dil_sep_conv(5),
  avg_pool(3), max_pool(2), max_pool(3),
]
cell normal(prev2, prev1) {
  node b[5] {
    from  pick 2 of earlier with repeats
    op    one of wide
    merge add
  }
  out concat(unused)
}

cell reduce = fresh normal(stride = 2)

net imagenet {  # two reduction cells are the rest of the stem
  input image(3, 331, 331)
  stem  conv_bn(3, width = 32, stride = 2)
  stage (width = F // 4) { reduce }
  stage (width = F // 2) { reduce }
  stage (width = F)      { repeat N { normal } }
  stage (width = 2 * F)  { reduce; repeat N { normal } }
  stage (width = 4 * F)  { reduce; repeat N { normal } }
  head  classifier(1000)
}

genotype spec_b of imagenet {
  normal.b[0] { from prev2, prev2; op relu_conv_bn(1), max_pool(3) }
  normal.b[1] { from prev2, prev1; op identity, sep_conv(3) }
  normal.b[2] { from prev2, prev1; op relu_conv_bn(1), sep_conv(3) }
  normal.b[3] { from b[0], b[0];   op relu_conv_bn(1), identity }
  normal.b[4] { from prev2, b[3];  op avg_pool(3), relu_conv_bn(1) }
  reduce.b[0] { from prev1, prev1; op max_pool(2), max_pool(3) }
  reduce.b[1] { from b[0], prev2;  op identity, relu_conv_bn(3) }
  reduce.b[2] { from b[0], b[0];   op dil_sep_conv(5), max_pool(3) }
  reduce.b[3] { from b[1], prev2;  op identity, sep_conv(3) }
  reduce.b[4] { from b[2], b[1];   op avg_pool(3), relu_conv_bn(1) }
}

genotype spec_d of imagenet {
  normal.b[0] { from prev2, prev2; op relu_conv_bn(1), max_pool(3) }
  normal.b[1] { from prev2, prev1; op identity, conv_1xn_nx1(7) }
  normal.b[2] { from prev1, prev1; op relu_conv_bn(1), conv_1xn_nx1(7) }
  normal.b[3] { from b[0], b[0];   op max_pool(3), identity }
  normal.b[4] { from prev2, b[3];  op avg_pool(3), relu_conv_bn(1) }
  reduce.b[0] { from prev1, prev1; op max_pool(2), max_pool(3) }
  reduce.b[1] { from b[0], prev2;  op identity, relu_conv_bn(3) }
  reduce.b[2] { from b[0], b[0];   op conv_1xn_nx1(7), max_pool(3) }
  reduce.b[3] { from b[1], prev2;  op identity, max_pool(2) }
  reduce.b[4] { from b[0], b[1];   op avg_pool(3), relu_conv_bn(1) }
}
