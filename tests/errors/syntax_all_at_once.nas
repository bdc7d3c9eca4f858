param = 6
ops a = [conv(3]
cell normal(x) {
  node n { form x }
}
let k == 3
block b: conv(3)
net n {
  stage (width = 16) { a }
  head classifier(10)
