use vision (identity, sep_conv)

cell reduce(x) {
  node n { from x; op sep_conv(3) }
  out n
}

cell normal(x) {
  node n { from x; op identity | sep_conv(3) }
  out n
}
