net n {
  head classifier(10, name = "ten)
}
param quote = 'ten'
