use vision (identity, sep_conv, max_pool, conv_bn, classifier)

net search {
  input (3, 32, 32)
  stem conv_bn(3, width = 16)
  head classifier(10)
}
