from a

cell c(x) { out x }
