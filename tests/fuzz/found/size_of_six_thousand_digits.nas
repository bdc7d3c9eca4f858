# gives: W0401. The size was printed as a number that Python does not print.
use primitives (relu)
cell c(x) { node l[200] { from prev; merge add; absorb some of l }; out last(l) }
net s { input image(3, 8, 8); stage (width = 3) { relu; c } }
