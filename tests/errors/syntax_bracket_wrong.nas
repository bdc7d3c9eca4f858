ops darts = [conv(1], conv(3)]
