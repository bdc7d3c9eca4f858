net search {
  input image(3, 32, 32)
  if deep { normal } else { reduce }
}
