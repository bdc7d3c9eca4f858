use "d17.nas" (b)
