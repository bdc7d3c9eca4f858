use vision (conv_bn, sep_conv, classifier)

param N = 1
param C = 16

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = C)
  stage s (width = C) { repeat N { sep_conv(3 | 5) } }
  head  classifier(10)
}

genotype right of search (C = 36) { search.s[0].k = 3 }
genotype other of search (N = 2) { search.s[0].k = 3; search.s[1].k = 5 }
genotype wrong of search (N = 2) { search.s[0].k = 3 }
genotype broken of search (C = 0) { search.s[0].k = 3 }
genotype unknown of search (D = 2) { search.s[0].k = 3 }
genotype bare of search (2) { search.s[0].k = 3 }
genotype twice of search (N = 2, N = 1) { search.s[0].k = 3 }
genotype open of search (N = 2 | 1) { search.s[0].k = 3 }
