use "d19.nas" (b)
