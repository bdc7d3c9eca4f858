{
  "layers": [1, 2]
}
