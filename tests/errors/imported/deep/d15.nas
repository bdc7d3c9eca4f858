use "d16.nas" (b)
