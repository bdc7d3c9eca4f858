cell op(x) { out x }
param stage = 3
block b(k, from = 3) { conv(k) }
cell c(x, state) { out x }
net head { conv(3) }
