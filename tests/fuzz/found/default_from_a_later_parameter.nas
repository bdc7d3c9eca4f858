# gives: E0201
use primitives (conv)
block b(k = late, late = 2) { conv(k); conv(late) }
net search { input image(3, 16, 16); stage (width = 4) { b } }
