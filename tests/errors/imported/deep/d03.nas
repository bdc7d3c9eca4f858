use "d04.nas" (b)
