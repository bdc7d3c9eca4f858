[search]
width = 16
