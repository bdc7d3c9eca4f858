cell normal(a, b) {
  for i in range(4) {
    node n { from a }
  }
}
