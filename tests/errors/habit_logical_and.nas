use vision (identity, sep_conv, max_pool, conv_bn, classifier)

require params <= 6M && macs <= 600M
net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { sep_conv(3) }
  head  classifier(10)
}
