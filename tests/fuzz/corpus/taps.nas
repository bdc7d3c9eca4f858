# Hyper-parameters and second heads, and nothing else that is rare.
use vision (identity, sep_conv, conv_bn, classifier)

hyper lr = one of [0.1, 0.05]
hyper name = "a" | "b"

net search {
  input image(3, 8, 8)
  stem  conv_bn(3, width = 4)
  stage (width = 4) { sep_conv(3 | 5); tap aux classifier(10); identity | sep_conv(3) }
  head  classifier(10)
}
