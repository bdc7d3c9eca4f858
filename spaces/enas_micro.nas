# ENAS, the micro space (Pham et al., 2018): two cells of five blocks. 25,628,906,250,000,000,000,000,000 genotypes.
# The released code puts a second 1x1 convolution behind the alignment of prev1, and none before prev2 at equal width.
use vision (identity, sep_conv, avg_pool, max_pool, conv_bn, relu, global_avg, linear)

param N = 5   # normal cells a stage
param C = 36  # channels of the first stage

ops enas = [sep_conv(3), sep_conv(5), avg_pool(3), max_pool(3), identity]

cell normal(prev2, prev1) {
  node b[5] {
    from  pick 2 of earlier with repeats
    op    one of enas
    merge add
  }
  out concat(unused)
}

cell reduce = fresh normal(stride = 2)

block logits(classes) { relu; global_avg; linear(bias = 0, width = classes) }

net cifar10 {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage (width = C)     { repeat N { normal } }
  stage (width = 2 * C) { reduce; repeat N { normal } }
  stage (width = 4 * C) { reduce; repeat N { normal } }
  head  logits(10)
}

# Found with the released code, and trained by its script cifar10_micro_final.sh.
genotype micro_final of cifar10 {
  normal.b[0] { from prev2, prev2; op avg_pool(3), sep_conv(3) }
  normal.b[1] { from prev2, prev2; op identity, sep_conv(5) }
  normal.b[2] { from prev2, prev1; op identity, sep_conv(5) }
  normal.b[3] { from prev1, prev2; op sep_conv(3), sep_conv(5) }
  normal.b[4] { from prev2, prev1; op avg_pool(3), sep_conv(5) }
  reduce.b[0] { from prev1, prev1; op sep_conv(3), sep_conv(3) }
  reduce.b[1] { from prev2, prev2; op max_pool(3), avg_pool(3) }
  reduce.b[2] { from prev1, b[1];  op sep_conv(5), sep_conv(5) }
  reduce.b[3] { from prev1, prev2; op sep_conv(3), identity }
  reduce.b[4] { from prev2, prev1; op max_pool(3), sep_conv(5) }
}
