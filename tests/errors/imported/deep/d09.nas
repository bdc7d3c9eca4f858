use "d10.nas" (b)
