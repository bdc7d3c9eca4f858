# NAS-Bench-101 draws at most 21 edges.
use vision (identity, conv, max_pool)

cell module(x) {
  align reads always conv(1)
  node v[5] {
    from  some of earlier
    merge add
    then  one of [conv(3), conv(1), max_pool(3)]
  }
  node o { from some of v; merge concat; then conv(1) }
  node z { from o; absorb some of [x]; merge add }
  out z
  require edges >= 22
  require count(max_pool(5)) >= 1
}
