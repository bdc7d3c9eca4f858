# ProxylessNAS (Cai et al., 2019) as it is often counted: 21 blocks of six operations, each of which can be left out.
use vision (identity, sep_conv, conv_bn_relu, conv_bn, classifier)
ops seven = [sep_conv(3), sep_conv(5), sep_conv(7), conv_bn_relu(3), conv_bn_relu(5), conv_bn_relu(7), identity]

block block_of_seven { one of seven }

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 16)
  stage (width = 16) { repeat 21 { block_of_seven } }
  head  classifier(10)
}
