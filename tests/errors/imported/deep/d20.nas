use "d21.nas" (b)
