cell c(x) {
  def f(y) { return y }
}
