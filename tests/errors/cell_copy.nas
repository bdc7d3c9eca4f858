use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)

motif m[2](x) {
  node a { from x; op sep_conv(3) }
  out a
}
ops pools = [max_pool(3)]

cell g = fresh m
cell h = fresh pools()
cell i = fresh missing()
cell j = m[5]
cell k = m[0]

net search {
  input image(3, 32, 32)
  stage (width = 16) { fresh m; fresh pools }
}
