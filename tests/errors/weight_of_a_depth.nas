use vision (identity, sep_conv)

block deep { repeat 1 | 3 @ 2 { sep_conv(3) } }

cell f(x) {
  node n[one of [1 @ 2, 2]] { from prev; op one of [identity, deep] }
  out last(n)
}
