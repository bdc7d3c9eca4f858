"""A large space as a person could have written it: many blocks, lists of operations, cells with nodes, several nets.

python benchmarks/generated.py 2000 > large.nas
"""

from __future__ import annotations

import sys
from random import Random

HEAD = """# Generated: blocks, lists of operations, cells and nets in the proportions of a large file.
use vision (
  identity, none, conv_bn, conv_bn_relu, sep_conv, dil_conv, max_pool, avg_pool, relu_conv_bn, classifier,
)
use primitives (conv, dw_conv, batch_norm, relu, swish)

param C = 16     # channels of the first stage
param N = 2      # cells of a stage
"""
ATOMS = (
    "identity", "sep_conv(3)", "sep_conv(5)", "dil_conv(3)", "dil_conv(5)", "max_pool(3)", "avg_pool(3)",
    "relu_conv_bn(1)", "relu_conv_bn(3 | 5)", "conv_bn(1)", "conv_bn_relu(3)",
)  # fmt: skip


def space(lines: int, seed: int = 0) -> str:
    """A space of about so many lines that has no mistake."""
    rng = Random(seed)
    parts, written, i = [HEAD], HEAD.count("\n"), 0
    while written < lines:
        parts.append(section(i, rng))
        written += parts[-1].count("\n")
        i += 1
    return "".join(parts)


def section(i: int, rng: Random) -> str:
    """Blocks, a list of operations, two cells and a net over them."""
    ops = rng.sample(ATOMS, rng.randrange(4, 8))
    kernels = rng.choice(("3 | 5", "3 | 5 | 7", "3"))
    merge = rng.choice(("add", "add", "mean"))
    return f"""
# ---- section {i} ----

block bottleneck_{i}(k, expand = 4) {{
  conv(1, width = expand * in)
  batch_norm
  relu | swish
  dw_conv(k)
  batch_norm
  conv(1)
}}

block unit_{i} {{
  shortcut {{ bottleneck_{i}({kernels}, expand = one of [2, {rng.choice((3, 4, 6))}]) }}
}}

ops candidates_{i} = [
  {", ".join(ops[:3])},
  {", ".join(ops[3:])},
]

cell normal_{i}(prev2, prev1) {{
  align ports always relu_conv_bn(1)
  node n[{rng.randrange(2, 5)}] {{
    from  pick 2 of earlier
    op    one of candidates_{i}
    merge {merge}
  }}
  node last_one {{
    from  some of n, prev1
    op    identity | sep_conv({kernels})
    merge add
  }}
  out concat([*n, last_one])
}}

cell reduce_{i} = fresh normal_{i}(stride = 2)

cell layers_{i}(x) {{
  node l[{rng.randrange(2, 6)}] {{
    from   prev
    op     one of [none, *candidates_{i}]
    merge  add
    absorb some of l
    then   conv_bn(1)
  }}
  out last(l)
}}

net net_{i} {{
  input image(3, 32, 32)
  stem  conv_bn(3, width = 3 * C)
  stage (width = C)     {{ repeat N {{ normal_{i} }} }}
  stage (width = 2 * C) {{ reduce_{i}; repeat N {{ normal_{i} }} }}
  stage (width = 4 * C) {{ reduce_{i}; repeat 1..3 {{ unit_{i} }}; layers_{i} }}
  head  classifier(10)
}}
"""


if __name__ == "__main__":
    print(space(int(sys.argv[1])), end="")
