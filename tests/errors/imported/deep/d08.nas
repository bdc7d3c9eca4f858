use "d09.nas" (b)
