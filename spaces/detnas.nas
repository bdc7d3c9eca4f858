# DetNAS (Chen et al., 2019): backbones for detection of ShuffleNetV2 blocks, and the classifier they are trained with.
# 1,208,925,819,614,629,174,706,176 genotypes in `large` (4^40), 1,099,511,627,776 in `small` (4^20).
use mobile (shuffle, shuffle_x, shuffle_down, shuffle_x_down, conv, batch_norm, relu, global_avg, dropout, linear)

block down { one of [shuffle_down(each [3, 5, 7]), shuffle_x_down] }
block keep { one of [shuffle(each [3, 5, 7]), shuffle_x] }

# The first and the last convolution have a bias.
block first(stride = 2) { conv(3, bias = 1, stride = stride); batch_norm; relu }
block classes(n) { conv(1, bias = 1, width = 1024); batch_norm; relu; dropout(0.2); global_avg; linear(width = n) }

net large {
  input image(3, 224, 224)
  stem  first(width = 48)
  stage s1 (width = 96,  stride = 2) { down; repeat 7 { keep } }
  stage s2 (width = 240, stride = 2) { down; repeat 7 { keep } }
  stage s3 (width = 480, stride = 2) { down; repeat 15 { keep } }
  stage s4 (width = 960, stride = 2) { down; repeat 7 { keep } }
  head  classes(1000)
}

net small {
  input image(3, 224, 224)
  stem  first(width = 16)
  stage s1 (width = 64,  stride = 2) { down; repeat 3 { keep } }
  stage s2 (width = 160, stride = 2) { down; repeat 3 { keep } }
  stage s3 (width = 320, stride = 2) { down; repeat 7 { keep } }
  stage s4 (width = 640, stride = 2) { down; repeat 3 { keep } }
  head  classes(1000)
}

genotype detnas_fpn_large of large {
  large.s1[0] = shuffle_down(3); large.s1[1][0] = shuffle(3); large.s1[1][1] = shuffle_x;  large.s1[1][2] = shuffle(5)
  large.s1[1][3] = shuffle(7);   large.s1[1][4] = shuffle(5); large.s1[1][5] = shuffle(3); large.s1[1][6] = shuffle(7)
  large.s2[0] = shuffle_down(3); large.s2[1][0] = shuffle_x;  large.s2[1][1] = shuffle(5); large.s2[1][2] = shuffle(7)
  large.s2[1][3] = shuffle_x;    large.s2[1][4] = shuffle_x;  large.s2[1][5] = shuffle(7); large.s2[1][6] = shuffle(3)
  large.s3[0] = shuffle_down(7); large.s3[1][0] = shuffle(5); large.s3[1][1] = shuffle(5); large.s3[1][2] = shuffle_x
  large.s3[1][3] = shuffle(7);   large.s3[1][4] = shuffle(3); large.s3[1][5] = shuffle(7); large.s3[1][6] = shuffle(7)
  large.s3[1][7] = shuffle(7);   large.s3[1][8] = shuffle(5); large.s3[1][9] = shuffle_x;  large.s3[1][10] = shuffle(5)
  large.s3[1][11] = shuffle(3);  large.s3[1][12] = shuffle_x; large.s3[1][13] = shuffle_x; large.s3[1][14] = shuffle_x
  large.s4[0] = shuffle_down(5); large.s4[1][0] = shuffle_x;  large.s4[1][1] = shuffle_x;  large.s4[1][2] = shuffle_x
  large.s4[1][3] = shuffle_x;    large.s4[1][4] = shuffle_x;  large.s4[1][5] = shuffle_x;  large.s4[1][6] = shuffle_x
}

genotype detnas_fpn_small of small {
  small.s1[0] = shuffle_down(7); small.s1[1][0] = shuffle(5); small.s1[1][1] = shuffle(7); small.s1[1][2] = shuffle(3)
  small.s2[0] = shuffle_down(7); small.s2[1][0] = shuffle(5); small.s2[1][1] = shuffle(5); small.s2[1][2] = shuffle(7)
  small.s3[0] = shuffle_x_down;  small.s3[1][0] = shuffle_x;  small.s3[1][1] = shuffle(5); small.s3[1][2] = shuffle_x
  small.s3[1][3] = shuffle(3);   small.s3[1][4] = shuffle(3); small.s3[1][5] = shuffle_x;  small.s3[1][6] = shuffle(5)
  small.s4[0] = shuffle_x_down;  small.s4[1][0] = shuffle(5); small.s4[1][1] = shuffle_x;  small.s4[1][2] = shuffle(7)
}

genotype detnas_retinanet_small of small {
  small.s1[0] = shuffle_down(7); small.s1[1][0] = shuffle_x;  small.s1[1][1] = shuffle(5); small.s1[1][2] = shuffle(5)
  small.s2[0] = shuffle_x_down;  small.s2[1][0] = shuffle(7); small.s2[1][1] = shuffle(5); small.s2[1][2] = shuffle_x
  small.s3[0] = shuffle_x_down;  small.s3[1][0] = shuffle(5); small.s3[1][1] = shuffle(5); small.s3[1][2] = shuffle(5)
  small.s3[1][3] = shuffle_x;    small.s3[1][4] = shuffle_x;  small.s3[1][5] = shuffle(7); small.s3[1][6] = shuffle(3)
  small.s4[0] = shuffle_x_down;  small.s4[1][0] = shuffle_x;  small.s4[1][1] = shuffle_x;  small.s4[1][2] = shuffle_x
}
