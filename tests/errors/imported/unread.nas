block single {
  conv(3
}

block { conv(3) }
