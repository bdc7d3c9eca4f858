# DenseNAS: a path through densely connected blocks (three of the blocks shown; the rest alike)
use primitives (resample)
use mobile (mbconv, conv_bn, identity, classifier)
ops heads = [mbconv(k = each [3, 5, 7], expand = each [3, 6])]
block head_layer { one of heads }
block stack      { head_layer(width = width); repeat 3 { one of [*heads, identity] } }
cell routes(x) {
  align edges needed resample  # in the paper the first layer of a stack takes the stride
  node a    { from x;                        level 2;            width 24;                then stack }
  node b    { from one of [x, a];            level 3;            width 32;                then stack }
  node c    { from one of [x, a, b];         level 3;            width 48;                then stack }
  node d[4] { from one of last 4 of earlier; level [3, 4, 4, 4]; width [64, 72, 96, 128]; then stack }
  node e[3] { from one of last 4 of earlier; level 5;            width [160, 176, 192];   then stack }
  out last(e)
}
