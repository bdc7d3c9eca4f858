use "d20.nas" (b)
