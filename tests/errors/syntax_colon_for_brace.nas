cell normal(a, b):
  node n { from a }
  out n

net search:
  head classifier(10)
