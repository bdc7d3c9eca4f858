use "d15.nas" (b)
