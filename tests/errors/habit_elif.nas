use vision (identity, sep_conv, max_pool, conv_bn, classifier)

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  if deep { sep_conv(3) }
  elif wide { sep_conv(5) }
  else { identity }
  head  classifier(10)
}
