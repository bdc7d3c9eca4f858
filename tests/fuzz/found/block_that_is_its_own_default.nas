# gives: nothing. The search for shared choices never ended.
use primitives (conv, relu)
block b(k, wide = b) { conv(k, width = wide * in); relu }
block other(k) { shortcut { b(k, wide = 1) } }
net n { input image(3, 8, 8); stem conv(3, width = 8); stage (width = 8) { b(3 | 5, wide = 1); other(3 | 5); repeat 2 { other(3) } } }
