param a = 4 × 3
param b = 3
param c = 7 / 2
param d = café
param e = 7 // the depth
