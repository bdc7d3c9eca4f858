use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
use primitives (relu, shift)

block late { relu; sep_conv(3, stride = 2) }

net search {
  input image(3, 32, 32)
  stage (width = 16, stride = 2) { identity; sep_conv(3) }
}

net other {
  input image(3, 32, 32)
  stage (width = 16, stride = 2) { sep_conv(3) | relu | classifier(10) }
}

net third {
  input image(3, 32, 32)
  stage (width = 16, stride = 2) { late }
}
