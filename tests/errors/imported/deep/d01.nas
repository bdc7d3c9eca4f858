use "d02.nas" (b)
