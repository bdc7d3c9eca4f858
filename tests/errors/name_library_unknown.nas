use visoin (identity, conv_bn)
use cells (inverted)
use detection

cell f(x) {
  node n { from x; op identity | inverted(3) }
  out n
}
