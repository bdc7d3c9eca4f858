param N =
cell c(x) {
  node n { from pick of earlier }
}
net n {
  repeat { conv(3) }
}
cell out_of
use vision (
