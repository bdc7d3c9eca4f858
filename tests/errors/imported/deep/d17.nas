use "d18.nas" (b)
