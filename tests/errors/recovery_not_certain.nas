use vision (sep_conv, identity)

cell missing_brace(a, b) {
  node n
    from  pick 3 earlier
    op    sep_conv(3)
    merge add
  }
  out n
}

cell python(a, b):
  node n:
    from a
    op   sep_conv(3)
  return n

cell loop(a) {
  for i in range(4):
    x = sep_conv(3)(x)
    if x: out x
  else:
    out a
}

param N 6
