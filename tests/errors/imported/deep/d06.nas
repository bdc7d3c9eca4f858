use "d07.nas" (b)
