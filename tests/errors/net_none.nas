use vision (identity)
param N = 6
