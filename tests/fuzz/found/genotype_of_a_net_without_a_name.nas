# gives: nothing. The text of its genotypes said `of net`, and `net` was no name.
use vision (conv_bn, classifier)
net { input image(3, 16, 16); stem conv_bn(3 | 5, width = 4); head classifier(10) }
genotype g of net { net.stem.k = 5 }
