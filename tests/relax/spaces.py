"""Small spaces, each with something that weights must turn back into."""

from __future__ import annotations

import nasdsl
from nasdsl.space.model import SearchSpace

USE = "use vision (none, identity, sep_conv, max_pool, avg_pool)\n"
BLOCKS = "block k { one of [sep_conv(3 | 5), identity] }\nblock repeated { repeat 1..2 { sep_conv(3 | 5) } }\n"

CELLS = {
    "set": "(a, b) { N[2] { from pick 2 of earlier; op one of [none, sep_conv(3 | 5), identity]; merge add } OUT }",
    "only_none": "(a, b, d) { N[1] { from pick 2 of earlier; op one of [none]; merge add }\n out concat([*n, a]) }",
    "open_set": "(a, b) { N[2] { from pick 1..2 of earlier; OPS; merge add } OUT }",
    "two_sets": "(a, b) { N[1] { from pick 1 of [a, b], pick 1..2 of [a, b]; OPS; merge add } OUT }",
    "slots": "(a, b, d) { N[1] { from pick 2 of earlier; op max_pool(3), identity | avg_pool(3); merge add } OUT }",
    "repeats": "(a, b) { N[1] { from pick 1..2 of earlier with repeats; OPS; merge concat } OUT }",
    "in_order": "(a, b, d) { N[1] { from pick 1..3 of earlier in order; OPS; merge concat } OUT }",
    "open_array": "(a, b) { N[1..2] { from pick 2 of earlier; OPS; merge add }\n out last(n) }",
    "gates": "(a, b, d) { N[1] { from pick 2 of earlier; op some of [max_pool(3 | 5), identity]; merge add } OUT }",
    "argument": "(a, b, d) { N[1] { from pick 2 of earlier; op sep_conv(3 | 5); merge add } OUT }",
    "absorbed": "(a, b, d) { N[1] { from pick 2 of earlier; merge add; absorb pick 1..2 of [a, b, d] } OUT }",
    "block": "(a, b, d) { N[1] { from pick 2 of earlier; op k; merge add } OUT }",
    "blocks": "(a, b, d) { N[1] { from pick 2 of earlier; op k | repeated | max_pool(3); merge add } OUT }",
    "required": """(a) {
      N[2] { from some of earlier; OPS; merge add }
      node o { from some of n; merge concat }
      out o
      require edges <= 2
    }""",
    "few": """(a, b) {
      N[2] { from all of [a, b]; op some of [max_pool(3), identity]; merge add } OUT
      require edges >= 5; require count(identity) <= 2
    }""",
}
SHORT = {"N[": "node n[", "OPS": "op one of [max_pool(3), identity]", "OUT": "\n out concat(n)"}


def small(name: str) -> SearchSpace:
    text = CELLS[name]
    for short, whole in SHORT.items():
        text = text.replace(short, whole)
    return nasdsl.loads(f"{USE}{BLOCKS if name in ('block', 'blocks') else ''}cell c{text}")
