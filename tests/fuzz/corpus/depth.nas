# Choices of depth, one inside the other, in nets and in blocks.
use vision (sep_conv, conv_bn, identity, classifier)

param D = 3
param C = 8

block deep(k) { repeat 1..2 { sep_conv(k | 7) } }
block tower {
  first: sep_conv(3)
  rest: repeat 0 | 2 { deep(3) | identity }
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = C)
  stage s1 (width = C) { repeat 1..D { sep_conv(3 | 5) } }
  stage s2 (width = 2 * C, stride = 2) { sep_conv(3); repeat one of [1, 3] { repeat 1..2 { deep(k = 5) } } }
  stage s3 (width = 4 * C, stride = 2) { tower; repeat 2 { identity } }
  head  classifier(10)
}

net small {
  input image(1, 8, 8)
  stem  conv_bn(3, width = 4)
  repeat 1..3 { deep(3) }
  head  classifier(2)
}
