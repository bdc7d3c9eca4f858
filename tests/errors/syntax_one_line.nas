cell c(x) { node n { from x op conv(3) } out n }
