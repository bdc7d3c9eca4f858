# gives: E0215. A genotype with `max_pool(3)` was read back as another one.
use primitives (max_pool, identity)
cell c(x) { node n { from x; op identity | max_pool(3) | max_pool(3 | 5) }; out n }
