param a = 3x3
param b = 6m
param c = 1_000
param d = 1e999
param e = .5
param f = 3.
