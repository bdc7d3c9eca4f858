use vision (identity, sep_conv, max_pool, conv_bn, classifier)

net search {
  input image(3, 32, 32)
  stem  Conv2d(3, 16, kernel_size=3, padding=1)
  stage (width = 16) { BatchNorm2d(16); ReLU() }
  head  Linear(16, 10)
}
