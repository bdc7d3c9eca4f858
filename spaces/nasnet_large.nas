# NASNet-A-Large, "6 @ 4032" (Zoph et al., 2018), wired as the released code has it; one genotype. There prev2 and block
# b join the outputs though they were read, the cell behind a reduction reads past the one before it, and batch norm has
# an epsilon of 1e-3; but alignments at a stride have 1e-5 here, and pools at a stride pad both sides.
use vision (relu, dw_conv, conv, batch_norm, identity, avg_pool, max_pool, global_avg, linear)
param N = 6    # normal cells a stage
param C = 168  # channels of the first stage
block align_to { relu; conv(1); batch_norm(eps = 1e-3) }
block sep(k, stride = 1) {
  relu; dw_conv(k, stride = stride); conv(1, width = width); batch_norm(eps = 1e-3)
  relu; dw_conv(k);                  conv(1);                batch_norm(eps = 1e-3)
}
block conv_0          { conv(3, stride = 2, padding = 0); batch_norm(eps = 1e-3) }
block logits(classes) { relu; global_avg; linear(width = classes) }
cell stem0(x) {
  node a { from x;    op align_to }
  node b { from a, x; op sep(5, stride = 2), sep(7, stride = 2);      merge add }
  node c { from a, x; op max_pool(3, stride = 2), sep(7, stride = 2); merge add }
  node d { from a, x; op avg_pool(3, stride = 2), sep(5, stride = 2); merge add }
  node e { from b, c; op avg_pool(3), identity;                       merge add }
  node f { from b, a; op sep(3), max_pool(3, stride = 2);             merge add }
  out concat([c, d, e, f])
}
cell reduce(prev2, prev1) {
  align ports always align_to
  node a { from prev1, prev2; op sep(5), sep(7);        merge add }
  node b { from prev1, prev2; op max_pool(3), sep(7);   merge add }
  node c { from prev1, prev2; op avg_pool(3), sep(5);   merge add }
  node d { from a, b;         op avg_pool(3), identity; merge add }
  node e { from a, prev1;     op sep(3), max_pool(3);   merge add }
  out concat([b, c, d, e])
}
cell normal(prev2, prev1) {
  align ports always align_to
  node a { from prev1, prev2; op sep(5), sep(3);           merge add }
  node b { from prev2, prev2; op sep(5), sep(3);           merge add }
  node c { from prev1, prev2; op avg_pool(3), identity;    merge add }
  node d { from prev2, prev2; op avg_pool(3), avg_pool(3); merge add }
  node e { from prev1, prev1; op sep(3), identity;         merge add }
  out concat([prev2, a, b, c, d, e])
}
cell behind(prev3, _prev2, prev1) {
  align ports always align_to
  node a { from prev1, prev3; op sep(5), sep(3);           merge add }
  node b { from prev3, prev3; op sep(5), sep(3);           merge add }
  node c { from prev1, prev3; op avg_pool(3), identity;    merge add }
  node d { from prev3, prev3; op avg_pool(3), avg_pool(3); merge add }
  node e { from prev1, prev1; op sep(3), identity;         merge add }
  out concat([prev3, a, b, c, d, e])
}
net imagenet {
  input image(3, 331, 331)
  stem  conv_0(width = 96)
  stage (width = C // 4) { stem0 }
  stage (width = C // 2) { reduce(stride = 2) }
  stage (width = C)      { repeat N { normal } }
  stage (width = 2 * C)  { reduce(stride = 2); behind; repeat N - 1 { normal } }
  stage (width = 4 * C)  { reduce(stride = 2); behind; repeat N - 1 { normal } }
  head  logits(1000)
}
