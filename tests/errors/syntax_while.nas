net n {
  while true { conv(3) }
}
