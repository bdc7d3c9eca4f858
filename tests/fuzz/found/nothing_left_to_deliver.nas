# gives: nothing. Where all of `b` is read a genotype has nothing to deliver: it is dead, and was an error.
use vision (identity, sep_conv)
cell f(x) {
  node b[2] { from x; op identity | sep_conv(3) }
  node d { from some of b; merge add }
  out concat(unused(b))
}
