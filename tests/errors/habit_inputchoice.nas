use vision (identity, sep_conv, max_pool, conv_bn, classifier)

cell normal(a, b) {
  node n {
    from InputChoice(n_candidates=2, n_chosen=1)
    op identity
    merge add
  }
  out n
}
