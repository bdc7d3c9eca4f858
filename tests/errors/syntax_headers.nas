cell i(k = 3, x) { out x }
block h(p[3..4]) { conv(3) }
block s(state h) { conv(3) }
