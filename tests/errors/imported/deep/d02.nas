use "d03.nas" (b)
