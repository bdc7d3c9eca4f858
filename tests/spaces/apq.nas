# APQ: OFA-like, with pruned widths and bits per layer
use mobile (qmbconv, conv_bn, classifier)
block layer {
  qmbconv(
    k = 3 | 5 | 7, expand = 4 | 6, keep = one of [0.25, 0.5, 0.75, 1],
    pw_bits = one of [4, 6, 8], dw_bits = one of [4, 6, 8], act_bits = one of [4, 6, 8],
  )
}
net imagenet {
  input image(3, 224, 224)
  stem  conv_bn(3, width = 32, stride = 2)
  stage (width = 24, stride = 2) { repeat 2 | 3 | 4 { layer } }
  stage (width = 40, stride = 2) { repeat 2 | 3 | 4 { layer } }
  head  classifier(1000)
}
require bitops <= 10G
