use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

net search {
  stem  conv_bn(3, width = 16)
  head  classifier(10)
}

net other {
  input vector(10)
  head  classifier(10)
}

net third {
  input image(3)
}

net fourth {
  input image(3, 32, 32, 32)
}

net fifth {
  input image(3, height = 0, width = 32)
}
