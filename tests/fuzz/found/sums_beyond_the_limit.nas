# gives: E0401 W0401. Where the proof gave up nothing was left that could be wrong behind it.
use vision (sep_conv, conv_bn, classifier)
cell f(x) {
  node n[4] { from x; op sep_conv(3); width one of 8..512 step 8 }
  node all_of_them { from all of n; merge concat; then classifier(1) }
  out all_of_them
}
net search { input image(3, 32, 32); stem conv_bn(3, width = 16); stage (width = 3) { f } }
