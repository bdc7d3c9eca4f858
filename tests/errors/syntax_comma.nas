ops a = [conv(1) conv(3)]
ops b = [
  conv(1)
  conv(3)
]
net n { conv(1), conv(3) }
