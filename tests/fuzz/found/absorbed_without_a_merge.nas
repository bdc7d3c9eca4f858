# gives: nothing. The key of a network could not be made where a node without a merge absorbs.
use vision (identity, sep_conv)
cell f(x, y) { node a[1..3] { from prev; op identity | sep_conv(3); absorb some of a }; out last(a) }
