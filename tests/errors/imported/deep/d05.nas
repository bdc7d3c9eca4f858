use "d06.nas" (b)
