# gives: E0402. The proof brought all to the level that the deepest can have, not to that of the deepest that is there.
use vision (sep_conv, conv_bn)
cell f(x, y) {
  node e[2 | 4] { from one of earlier; op sep_conv(3, 3); width free }
  out concat(unused(e))
}
net search { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { f } }
