use "d13.nas" (b)
