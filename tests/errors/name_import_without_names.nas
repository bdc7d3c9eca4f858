use vision

cell f(x) {
  node n { from x; op sep_conv(3) | identity }
  out n
}
