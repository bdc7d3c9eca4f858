use vision (sep_conv, identity)

cell normal(a, b) {
  node n[2] { from a; op sep_conv(3) | identity }
  out n[1]
}

genotype best {
  normal.n[0] { op: sep_conv(3) }
  normal.n[1 { op identity }
}

genotype other {
  normal.n[0] = {sep_conv(3), identity}
  normal..n[1] { op identity }
}
