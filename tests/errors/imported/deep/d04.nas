use "d05.nas" (b)
