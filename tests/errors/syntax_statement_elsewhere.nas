block b {
  stage (width = 16) { conv(3) }
}
net search {
  node n { from x }
}
cell c(x) {
  head classifier(10)
}
node n { from x }
