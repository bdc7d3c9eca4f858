use "d08.nas" (b)
