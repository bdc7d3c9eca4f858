# gives: E0215
use primitives (conv)
cell c(x) { node n { from x; op conv(one of 1..3 | one of [3, 5]) }; out n }
