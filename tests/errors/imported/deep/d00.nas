use "d01.nas" (b)
