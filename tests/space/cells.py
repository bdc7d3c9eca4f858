"""Generated spaces of cells and motifs, and what differs between two of their genotypes."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

import nasdsl
from nasdsl.space.decisions import Decision
from nasdsl.space.gates import Depth
from nasdsl.space.model import Genotype

laws = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FROM = (
    "pick 1 of earlier", "pick 2 of earlier with repeats", "pick 1..2 of earlier in order", "some of earlier",
    "pick 1..2 of earlier", "all of earlier", "pick 1..3 of earlier with repeats",
)  # fmt: skip
OP = (
    "one of [conv(1), identity]", "conv(1 | 3)", "one of [none, conv(k = 1 | 3), identity]", "identity",
    "some of [conv(1), identity]",
)  # fmt: skip


@st.composite
def texts(draw: Any) -> str:
    def node(name: str, ops: tuple[str, ...]) -> str:
        count = draw(st.sampled_from(["", "[2]", "[3]", "[1..2]"]))
        source, op = draw(st.sampled_from(FROM)), draw(st.sampled_from(ops))
        return f"  node {name}{count} {{ from {source}; op {op}; merge add }}\n"

    def body(ops: tuple[str, ...]) -> str:
        nodes = "".join(node(name, ops) for name in "ab"[: draw(st.integers(1, 2))])
        first, last = "node first { from x; op conv(1) }", "node end { from all of earlier; merge add }"
        return f"{{\n  {first}\n{nodes}  {last}\n  out end\n}}\n"

    layer = draw(st.sampled_from(["f", "repeat 1..2 { fresh f }", "repeat 0..2 { f }", "f; g"]))
    return (
        "use vision (conv, conv_bn, identity, none, classifier)\n"
        f"motif m[2](x) {body(OP)}cell f(x) {body((*OP, 'one of m', 'one of [conv(3), *m]'))}cell g = fresh f\n"
        f"net search {{\n  input image(3, 8)\n  stem conv_bn(3, width = 4)\n"
        f"  stage (width = 4) {{ {layer} }}\n  head classifier(10)\n}}\n"
    )


@st.composite
def genotypes(draw: Any) -> Genotype:
    space = nasdsl.loads(draw(texts()))
    assume(space.size > 1)
    return space[draw(st.integers(0, space.size - 1))]


seeds = st.integers(0, 2**32).map(Random)


def difference(one: Genotype, other: Genotype) -> list[tuple[Decision, Any, Any]]:
    """The decisions that differ, repetitions taken apart."""
    open_pairs = list(zip(one.space.decisions, one.values, other.values, strict=True))
    found = []
    while open_pairs:
        d, a, b = open_pairs.pop()
        if isinstance(d, Depth) and d.chosen(a) == d.chosen(b):
            for (group, ours), (_, theirs) in zip(d.children(a), d.children(b), strict=True):
                open_pairs += zip(group, ours, theirs, strict=True)
        elif a != b:
            found.append((d, a, b))
    return found
