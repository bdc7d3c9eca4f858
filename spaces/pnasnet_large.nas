# PNASNet-5-Large (Liu et al., 2018), wired as the released code has it; one genotype. Batch norm has an epsilon of
# 1e-3; but alignments at a stride have 1e-5 here, and pools at a stride pad both sides.
use vision (relu, dw_conv, conv, batch_norm, identity, max_pool, global_avg, linear)

param N = 3    # normal cells behind each reduction
param C = 216  # channels of the first stage

block relu_conv(stride = 1) { relu; conv(1, stride = stride); batch_norm(eps = 1e-3) }
block sep(k, stride = 1) {
  relu; dw_conv(k, stride = stride); conv(1, width = width); batch_norm(eps = 1e-3)
  relu; dw_conv(k);                  conv(1);                batch_norm(eps = 1e-3)
}
block pooled          { max_pool(3, stride = 2); conv(1); batch_norm(eps = 1e-3) }
block conv_0          { conv(3, stride = 2, padding = 0); batch_norm(eps = 1e-3) }
block logits(classes) { relu; global_avg; linear(width = classes) }

cell stem0(x) {
  node r { from x;    op relu_conv }
  node a { from x, x; op sep(5, stride = 2), pooled;                  merge add }
  node b { from r, r; op sep(7, stride = 2), max_pool(3, stride = 2); merge add }
  node c { from r, r; op sep(5, stride = 2), sep(3, stride = 2);      merge add }
  node d { from c, r; op sep(3), max_pool(3, stride = 2);             merge add }
  node e { from x, r; op sep(3, stride = 2), relu_conv(stride = 2);   merge add }
  out concat([a, b, c, d, e])
}

cell reduce(prev2, prev1) {
  align ports always relu_conv
  node a { from prev2, prev2; op sep(5), max_pool(3); merge add }
  node b { from prev1, prev1; op sep(7), max_pool(3); merge add }
  node c { from prev1, prev1; op sep(5), sep(3);      merge add }
  node d { from c, prev1;     op sep(3), max_pool(3); merge add }
  node e { from prev2, prev1; op sep(3), relu_conv;   merge add }
  out concat([a, b, c, d, e])
}

cell normal(prev2, prev1) {
  align ports always relu_conv
  node a { from prev2, prev2; op sep(5), max_pool(3); merge add }
  node b { from prev1, prev1; op sep(7), max_pool(3); merge add }
  node c { from prev1, prev1; op sep(5), sep(3);      merge add }
  node d { from c, prev1;     op sep(3), max_pool(3); merge add }
  node e { from prev2, prev1; op sep(3), identity;    merge add }
  out concat([a, b, c, d, e])
}

net imagenet {
  input image(3, 331, 331)
  stem  conv_0(width = 96)
  stage (width = C // 4) { stem0 }
  stage (width = C // 2) { reduce(stride = 2) }
  stage (width = C)      { repeat N + 1 { normal } }
  stage (width = 2 * C)  { reduce(stride = 2); repeat N { normal } }
  stage (width = 4 * C)  { reduce(stride = 2); repeat N { normal } }
  head  logits(1000)
}
