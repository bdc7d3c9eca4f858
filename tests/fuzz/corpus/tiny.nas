use primitives (conv, relu, identity, none)
cell c(x) { node n { from x; op conv(1 | 3) | identity | none }; out n }
