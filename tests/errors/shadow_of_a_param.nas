use vision (sep_conv, conv_bn, classifier)

param K = 5

block twice(K = 3) { sep_conv(K); sep_conv(K) }

net search {
  input image(3, 32, 32)
  stem  conv_bn(K, width = 16)
  stage (width = 16) { twice }
  head  classifier(10)
}
