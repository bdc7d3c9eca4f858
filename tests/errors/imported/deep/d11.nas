use "d12.nas" (b)
