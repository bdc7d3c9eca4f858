# Branches, shortcuts, labels, choices among chains of blocks, widths between widths.
use primitives (conv, dw_conv, batch_norm, relu, max_pool, avg_pool, identity, global_avg, linear, shift, none)

block classifier(n) { global_avg; linear(width = n) }
block narrow(k, part = 2) { conv(1, width = in // part); relu; conv(k, width = width) }
block inception {
  branch concat { conv(1, width = width // 4) } { narrow(3); conv(3, width = width // 2) } { max_pool(3); conv(1, width = width - 3 * width // 4) }
  batch_norm
}
block residual(k = 3) {
  shortcut { conv(k); batch_norm; relu; branch add | mean { conv(k) } { dw_conv(k); conv(1) } }
  a: relu | identity
}
block choice { residual | residual(5) | narrow(3 | 5, part = 1 | 2) | identity }

net {
  input image(3, 16, 16)
  stem  conv(3, width = one of [8, 16])
  stage (width = 8)  { inception; choice; t: choice }
  stage (width = 16) { conv(3, stride = 2); branch add { residual } { identity | avg_pool(3) }; repeat 2 { choice } }
  head  classifier(10)
}
