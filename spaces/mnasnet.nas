# MnasNet (Tan et al., 2019): five blocks, the layers of a block alike. 15,045,919,506,432 genotypes: 432^5.
use mobile (inverted, separable, conv_bn_relu, squeeze_excite, max_pool, conv, relu, identity, classifier)

# Three kinds of layer, squeezed to a quarter of what they receive, or not.
block conv_op(k, se)   { conv_bn_relu(k, width = width); se(width) }
block dconv_op(k, se)  { separable(k, act = relu, se = se(in)) }
block mbconv_op(k, se) { inverted(k, 6 * in, act = relu, se = se(in)) }
block squeezed(n)      { squeeze_excite(n // 4) }
block full(_n)         { identity }

# Three kinds of skip.
block none_skip(layer)     { layer }
block identity_skip(layer) { shortcut { layer } }
block pool_skip(layer)     { branch add { layer } { max_pool(3); conv(1) } }

net imagenet {
  input image(3, 224, 224)
  stem  conv_bn_relu(3, width = 32, stride = 2)
  stage s1 (width = 12 | 16 | 20) {
    let k = 3 | 5;                                    let se = full | squeezed
    let skip = pool_skip | identity_skip | none_skip; let kind = conv_op | dconv_op | mbconv_op
    repeat 1..4 { skip(kind(k, se)) }
  }
  stage s2 (width = 18 | 24 | 30, stride = 2) {
    let k = 3 | 5;                                    let se = full | squeezed
    let skip = pool_skip | identity_skip | none_skip; let kind = conv_op | dconv_op | mbconv_op
    repeat 1..4 { skip(kind(k, se)) }
  }
  stage s3 (width = 30 | 40 | 50, stride = 2) {
    let k = 3 | 5;                                    let se = full | squeezed
    let skip = pool_skip | identity_skip | none_skip; let kind = conv_op | dconv_op | mbconv_op
    repeat 1..4 { skip(kind(k, se)) }
  }
  stage s4 (width = 60 | 80 | 100, stride = 2) {
    let k = 3 | 5;                                    let se = full | squeezed
    let skip = pool_skip | identity_skip | none_skip; let kind = conv_op | dconv_op | mbconv_op
    repeat 1..4 { skip(kind(k, se)) }
  }
  stage s5 (width = 120 | 160 | 200, stride = 2) {
    let k = 3 | 5;                                    let se = full | squeezed
    let skip = pool_skip | identity_skip | none_skip; let kind = conv_op | dconv_op | mbconv_op
    repeat 1..4 { skip(kind(k, se)) }
  }
  head  classifier(1000)
}
