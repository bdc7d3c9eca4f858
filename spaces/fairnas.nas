# FairNAS (Chu et al., 2021): kernel and expansion of 19 inverted bottlenecks. 609,359,740,010,496 genotypes.
use mobile (mbconv, mbconv1, conv_bn_relu6, conv_classifier)

block layer { one of [mbconv(each [3, 5, 7], each [3, 6])] }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu6(3, width = 32, stride = 2)
  stage s0 (width = 16)              { mbconv1(3) }
  stage s1 (width = 32,  stride = 2) { repeat 2 { layer } }
  stage s2 (width = 40,  stride = 2) { repeat 4 { layer } }
  stage s3 (width = 80,  stride = 2) { repeat 4 { layer } }
  stage s4 (width = 96)              { repeat 4 { layer } }
  stage s5 (width = 192, stride = 2) { repeat 4 { layer } }
  stage s6 (width = 320)             { layer }
  head  conv_classifier(1000, hidden = 1280)
}

genotype fairnas_a of imagenet {
  imagenet.s1[0] = mbconv(7, 3); imagenet.s1[1] = mbconv(3, 3)
  imagenet.s2[0] = mbconv(7, 3); imagenet.s2[1] = mbconv(3, 6); imagenet.s2[2] = mbconv(7, 6)
  imagenet.s2[3] = mbconv(3, 3)
  imagenet.s3[0] = mbconv(3, 3); imagenet.s3[1] = mbconv(7, 6); imagenet.s3[2] = mbconv(7, 6)
  imagenet.s3[3] = mbconv(5, 3)
  imagenet.s4[0] = mbconv(3, 6); imagenet.s4[1] = mbconv(5, 3); imagenet.s4[2] = mbconv(5, 3)
  imagenet.s4[3] = mbconv(3, 6)
  imagenet.s5[0] = mbconv(3, 6); imagenet.s5[1] = mbconv(7, 6); imagenet.s5[2] = mbconv(3, 6)
  imagenet.s5[3] = mbconv(7, 6)
  imagenet.s6    = mbconv(5, 6)
}

genotype fairnas_b of imagenet {
  imagenet.s1[0] = mbconv(5, 3); imagenet.s1[1] = mbconv(3, 3)
  imagenet.s2[0] = mbconv(5, 3); imagenet.s2[1] = mbconv(3, 3); imagenet.s2[2] = mbconv(3, 6)
  imagenet.s2[3] = mbconv(5, 3)
  imagenet.s3[0] = mbconv(7, 3); imagenet.s3[1] = mbconv(3, 3); imagenet.s3[2] = mbconv(3, 6)
  imagenet.s3[3] = mbconv(5, 3)
  imagenet.s4[0] = mbconv(3, 3); imagenet.s4[1] = mbconv(3, 6); imagenet.s4[2] = mbconv(7, 3)
  imagenet.s4[3] = mbconv(3, 3)
  imagenet.s5[0] = mbconv(7, 6); imagenet.s5[1] = mbconv(5, 6); imagenet.s5[2] = mbconv(7, 6)
  imagenet.s5[3] = mbconv(3, 6)
  imagenet.s6    = mbconv(5, 6)
}

genotype fairnas_c of imagenet {
  imagenet.s1[0] = mbconv(5, 3); imagenet.s1[1] = mbconv(3, 3)
  imagenet.s2[0] = mbconv(7, 3); imagenet.s2[1] = mbconv(3, 3); imagenet.s2[2] = mbconv(3, 3)
  imagenet.s2[3] = mbconv(3, 3)
  imagenet.s3[0] = mbconv(3, 3); imagenet.s3[1] = mbconv(3, 3); imagenet.s3[2] = mbconv(3, 3)
  imagenet.s3[3] = mbconv(3, 6)
  imagenet.s4[0] = mbconv(3, 3); imagenet.s4[1] = mbconv(3, 3); imagenet.s4[2] = mbconv(3, 3)
  imagenet.s4[3] = mbconv(3, 3)
  imagenet.s5[0] = mbconv(7, 6); imagenet.s5[1] = mbconv(7, 6); imagenet.s5[2] = mbconv(3, 6)
  imagenet.s5[3] = mbconv(3, 6)
  imagenet.s6    = mbconv(5, 6)
}
