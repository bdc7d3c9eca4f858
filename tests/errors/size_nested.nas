use vision (identity, none, sep_conv, max_pool, relu_conv_bn, conv_bn, classifier)
block b0 { b1 }
block b1 { b2 }
block b2 { b3 }
block b3 { b4 }
block b4 { b5 }
block b5 { b6 }
block b6 { b7 }
block b7 { b8 }
block b8 { b9 }
block b9 { b10 }
block b10 { b11 }
block b11 { b12 }
block b12 { b13 }
block b13 { b14 }
block b14 { b15 }
block b15 { b16 }
block b16 { b17 }
block b17 { b18 }
block b18 { b19 }
block b19 { b20 }
block b20 { b21 }
block b21 { b22 }
block b22 { b23 }
block b23 { b24 }
block b24 { b25 }
block b25 { b26 }
block b26 { b27 }
block b27 { b28 }
block b28 { b29 }
block b29 { b30 }
block b30 { b31 }
block b31 { b32 }
block b32 { b33 }
block b33 { b34 }
block b34 { b35 }
block b35 { b36 }
block b36 { b37 }
block b37 { b38 }
block b38 { b39 }
block b39 { b40 }
block b40 { b41 }
block b41 { b42 }
block b42 { b43 }
block b43 { b44 }
block b44 { b45 }
block b45 { b46 }
block b46 { b47 }
block b47 { b48 }
block b48 { b49 }
block b49 { b50 }
block b50 { b51 }
block b51 { b52 }
block b52 { b53 }
block b53 { b54 }
block b54 { b55 }
block b55 { b56 }
block b56 { b57 }
block b57 { b58 }
block b58 { b59 }
block b59 { b60 }
block b60 { max_pool(3) }

net search {
  input image(3, 32, 32)
  stage (width = 16) { b0 }
}
