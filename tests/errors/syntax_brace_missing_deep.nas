net search {
  input image(3, 32, 32)
  stage (width = 16) {
    repeat 3 {
      normal
  }
  head classifier(10)
}
