cell normal(a, b) {
  from pick 2 of earlier
  out b
}
net search {
  merge add
}
from a
