ops darts = [
  conv(1),
  conv(3),

cell normal(x) {
  node n { from x; op sep_conv(3; merge add }
  out n
}
