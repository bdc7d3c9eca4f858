use "d11.nas" (b)
