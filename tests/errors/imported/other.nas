use "circle.nas" (circle)
block other { circle }
