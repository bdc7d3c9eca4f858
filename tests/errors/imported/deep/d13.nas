use "d14.nas" (b)
