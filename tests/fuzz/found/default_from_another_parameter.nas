# gives: nothing. The default of `stride` was looked up where the block is used.
use primitives (conv, batch_norm)
block b(k, part = 2, stride = part) { conv(k, stride = stride, width = part * in); batch_norm }
cell c(x, k = 3, wide = k + 2) { node n { from x; op conv(wide) }; out n }
net search { input image(3, 16, 16); stage (width = 4) { b(3); b(k = 3, part = 1 | 2, width = 4); c; c(k = 1) } }
