use vision (identity, sep_conv, max_pool, conv_bn, classifier)

param C = 16
C += 16
net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = C) { sep_conv(3) }
  head  classifier(10)
}
