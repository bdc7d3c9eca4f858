use vision (conv)

block single { convv(3) }

cell double(x) {
  node n[2] { from pick 2 of earlier; op conv(1); merge add }
  out last(n)
}
