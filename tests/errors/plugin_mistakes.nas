# nasdsl check FILE --ops plugin_small
use small (double, stretc, relu, wave, power)

cell f(x) {
  node n { from x; op double }
  node m { from n; op stretch(0) }
  node o { from m; op wave }
  node p { from all of earlier; op wave; merge mixed | mixd }
  out p
}

net n {
  input wave(0)
  stage (width = 16) { f }
}
