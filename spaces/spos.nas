# SPOS (Guo et al., 2020): one of four ShuffleNetV2 blocks in each of 20 places. 1,099,511,627,776 genotypes.
use mobile (shuffle, shuffle_x, shuffle_down, shuffle_x_down, conv_bn_relu, conv_classifier, relu)

block down { one of [shuffle_down(each [3, 5, 7]), shuffle_x_down] }
block keep { one of [shuffle(each [3, 5, 7]), shuffle_x] }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu(3, width = 16, stride = 2)
  stage s1 (width = 64,  stride = 2) { down; repeat 3 { keep } }
  stage s2 (width = 160, stride = 2) { down; repeat 3 { keep } }
  stage s3 (width = 320, stride = 2) { down; repeat 7 { keep } }
  stage s4 (width = 640, stride = 2) { down; repeat 3 { keep } }
  head  conv_classifier(1000, hidden = 1024, act = relu, bias = 0, drop = 0.1)
}

genotype spos of imagenet {
  imagenet.s1[0] = shuffle_down(7); imagenet.s1[1][0] = shuffle(5); imagenet.s1[1][1] = shuffle(3)
  imagenet.s1[1][2] = shuffle(5)
  imagenet.s2[0] = shuffle_down(7); imagenet.s2[1][0] = shuffle(3); imagenet.s2[1][1] = shuffle(7)
  imagenet.s2[1][2] = shuffle(3)
  imagenet.s3[0] = shuffle_down(7); imagenet.s3[1][0] = shuffle(3); imagenet.s3[1][1] = shuffle(7)
  imagenet.s3[1][2] = shuffle_x;    imagenet.s3[1][3] = shuffle(3); imagenet.s3[1][4] = shuffle(3)
  imagenet.s3[1][5] = shuffle(3);   imagenet.s3[1][6] = shuffle(3)
  imagenet.s4[0] = shuffle_x_down;  imagenet.s4[1][0] = shuffle(7); imagenet.s4[1][1] = shuffle_x
  imagenet.s4[1][2] = shuffle_x
}

genotype all_shuffle3 of imagenet {
  imagenet.s1[0] = shuffle_down(3); imagenet.s1[1][0] = shuffle(3); imagenet.s1[1][1] = shuffle(3)
  imagenet.s1[1][2] = shuffle(3)
  imagenet.s2[0] = shuffle_down(3); imagenet.s2[1][0] = shuffle(3); imagenet.s2[1][1] = shuffle(3)
  imagenet.s2[1][2] = shuffle(3)
  imagenet.s3[0] = shuffle_down(3); imagenet.s3[1][0] = shuffle(3); imagenet.s3[1][1] = shuffle(3)
  imagenet.s3[1][2] = shuffle(3);   imagenet.s3[1][3] = shuffle(3); imagenet.s3[1][4] = shuffle(3)
  imagenet.s3[1][5] = shuffle(3);   imagenet.s3[1][6] = shuffle(3)
  imagenet.s4[0] = shuffle_down(3); imagenet.s4[1][0] = shuffle(3); imagenet.s4[1][1] = shuffle(3)
  imagenet.s4[1][2] = shuffle(3)
}

genotype all_xception of imagenet {
  imagenet.s1[0] = shuffle_x_down; imagenet.s1[1][0] = shuffle_x; imagenet.s1[1][1] = shuffle_x
  imagenet.s1[1][2] = shuffle_x
  imagenet.s2[0] = shuffle_x_down; imagenet.s2[1][0] = shuffle_x; imagenet.s2[1][1] = shuffle_x
  imagenet.s2[1][2] = shuffle_x
  imagenet.s3[0] = shuffle_x_down; imagenet.s3[1][0] = shuffle_x; imagenet.s3[1][1] = shuffle_x
  imagenet.s3[1][2] = shuffle_x;   imagenet.s3[1][3] = shuffle_x; imagenet.s3[1][4] = shuffle_x
  imagenet.s3[1][5] = shuffle_x;   imagenet.s3[1][6] = shuffle_x
  imagenet.s4[0] = shuffle_x_down; imagenet.s4[1][0] = shuffle_x; imagenet.s4[1][1] = shuffle_x
  imagenet.s4[1][2] = shuffle_x
}
