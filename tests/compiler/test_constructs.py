"""Constructs whose decisions are of open size: subsets, parallel operations, depth, arrays of open length."""

from __future__ import annotations

from itertools import islice
from math import comb
from random import Random

import pytest

from nasdsl.compiler.check import check, every_decision
from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.load import loads
from nasdsl.compiler.lower import network
from nasdsl.diagnostics import NasdslError
from nasdsl.source import SourceFile
from nasdsl.space.model import SearchSpace

HEAD = """use vision (identity, none, sep_conv, conv_bn, conv_bn_relu, max_pool, relu_conv_bn, classifier)
ops two = [identity, sep_conv(3)]
"""
NET = """
net search {
  input image(3, 8, 8)
  stem  conv_bn(3, width = 4)
  stage (width = 4) { f }
  head  classifier(10)
}
"""
CELLS = {
    "some of": ("node n[3] { from some of earlier; op one of two; merge add }; out last(n)", 3 * 9 * 27),
    "some of in a sum with a fixed read": (
        "node l[3] { from prev, some of earlier except prev; op one of two; merge add }; out last(l)",
        2 * (2 * 3) * (2 * 9),
    ),
    "a bounded subset": (
        "node n[3] { from pick 1..2 of earlier; op one of two; merge add }; out concat(n)",
        2 * (2 * 2 + 4) * (3 * 2 + 3 * 4),
    ),
    "none or one": ("node n[2] { from pick 0..1 of earlier; merge add }; out last(n)", 2 * 3),
    "parallel operations": ("node n[2] { from all of earlier; op some of two; merge add }; out concat(n)", 4 * 16),
    "parallel operations with decisions": (
        "node n { from x; op some of [identity, sep_conv(3 | 5), max_pool(3)]; merge add }; out n",
        2 * 3 * 2,
    ),
    "a subset of concatenated values": (
        "node n[3] { from prev, some of earlier except prev; merge concat; then conv_bn_relu(3) }; out last(n)",
        1 * 2 * 4,
    ),
    "absorbed subsets": (
        "node l[4] { from prev; op one of two; merge add; absorb some of l }; out last(l)",
        2**4 * 2 ** comb(4, 2),
    ),
    "absorbed beside a mean": (
        "node a { from x; op sep_conv(3) }; node b { from x, a; merge mean; absorb pick 1..2 of [x, a] }; out b",
        3,
    ),
    "unused as a source": (
        "node a[3] { from one of earlier; op sep_conv(3) }; node o { from unused; merge add }; out o",
        6,
    ),
    "an array of open length": (
        "node l[1..3] { from prev; op one of two; merge add; absorb some of l }; out last(l)",
        2 + 2 * 2 * 2 + 2**3 * 2**3,
    ),
    "an array that may be empty": ("node l[0..2] { from prev; op one of two }; out last(l)", 1 + 2 + 4),
    "an open array, concatenated": (
        "node l[2 | 4] { from one of earlier; op sep_conv(3) }; out concat(l)",
        2 + 24,
    ),
    "an open array, joined by what is unused": (
        "node l[1..2] { from one of earlier; op sep_conv(3) }; out concat(unused(l))",
        1 + 2,
    ),
}  # fmt: skip
NETS = {
    "a choice of depth": ("stage (width = 8, stride = 2) { repeat 1..3 { sep_conv(3 | 5) } }", 2 + 4 + 8),
    "depths as a list": ("stage (width = 8) { repeat 2 | 4 { sep_conv(3) | identity } }", 4 + 16),
    "depth inside depth": ("stage (width = 8) { repeat 1..2 { repeat 1..2 { sep_conv(3 | 5) } } }", 6 + 36),
    "depth inside a block": ("stage s (width = 8, stride = 2) { b }; stage (width = 4) { b; sep_conv(5) }", 36),
    "depth without decisions below": ("stage (width = 8) { repeat one of [1, 3] { sep_conv(3) } }", 2),
    "depth of shared cells": (
        "stage (width = 4) { repeat 1..3 { g } }; stage (width = 8) { g(stride = 2) }",
        3 * 4 * 6,
    ),
}
BLOCK = "block b { repeat 1..2 { sep_conv(3 | 5) } }\n"
CELL = "cell g(p, q) { node n[2] { from one of earlier; op one of two }; out last(n) }\n"

TEXTS = {name: (f"{HEAD}cell f(x) {{ {body} }}{NET}", size) for name, (body, size) in CELLS.items()} | {
    name: (f"{HEAD}{BLOCK}{CELL}net search {{ input image(3, 8, 8); stem conv_bn(3, width = 4); {body} }}\n", size)
    for name, (body, size) in NETS.items()
}


@pytest.fixture(params=TEXTS)
def known(request: pytest.FixtureRequest) -> tuple[SearchSpace, int]:
    text, size = TEXTS[request.param]
    return loads(text), size


def test_the_size_is_exact(known: tuple[SearchSpace, int]) -> None:
    space, size = known
    assert space.size == size


def test_every_genotype_is_written_read_and_ranked(known: tuple[SearchSpace, int]) -> None:
    space, size = known
    for rank in range(size) if size <= 200 else sorted(Random(0).sample(range(size), 200)):
        genotype = space[rank]
        assert genotype in space
        assert genotype.rank == rank
        text = genotype.text("point")
        assert loads(space.source + text).point("point").values == genotype.values, text


def test_every_genotype_lowers(known: tuple[SearchSpace, int]) -> None:
    space, size = known
    assert check(space) == ()
    for rank in range(size) if size <= 200 else sorted(Random(1).sample(range(size), 200)):
        made = network(space[rank])
        if not made.dead:
            assert made.ops[made.outputs[0][1]].shape is not None


def test_variation_stays_inside(known: tuple[SearchSpace, int]) -> None:
    space, _ = known
    rng = Random(2)
    for _ in range(30):
        one, other = space[rng.randrange(space.size)], space[rng.randrange(space.size)]
        child = one.mutate(rng, valid=False)
        assert child in space
        assert child != one
        assert one.cross(other, rng, valid=False) in space
        assert one.cross(other, rng, "subtree", valid=False) in space
        assert all(near in space and near != one for near in islice(one.neighbours(), 20))


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_is_wrong(name: str) -> None:
    # The head offers more than each of them uses.
    assert [d for d in diagnostics(SourceFile(name, TEXTS[name][0])) if d.code != "W0201"] == []


@pytest.mark.parametrize(
    "step",
    [
        "one of [max_pool(3 | 5), sep_conv(3 | 5 | 7)]",
        "(max_pool(3) | sep_conv(3)) | identity",
        "a | identity",
        "b | a | identity",
        "one of [s(k = 3, e = 1 | 2), s(k = 5, e = 1 | 2 | 4)]",
    ],
)
def test_every_decision_has_a_path_of_its_own(step: str) -> None:
    blocks = (
        "block a { sep_conv(3) | sep_conv(5) }\nblock b { repeat 1..2 { a } }\n"
        "block s(k, e) { conv_bn_relu(k, width = e * in); conv_bn(1) }\n"
    )
    cell = f"cell f(x) {{ node n {{ from x; op {step} }}; out n }}\n"
    space = loads(HEAD + blocks + cell + NET)
    paths = [d.path for d in every_decision(space)]
    assert len(set(paths)) == len(paths)
    assert check(space) == ()
    for rank in range(space.size):
        text = space[rank].text("point")
        assert loads(space.source + text).point("point").values == space[rank].values, text


def test_a_native_alignment_leaves_the_width_to_the_operation_of_the_edge() -> None:
    """NATS-Bench's cells: convolutions map from one width to the next, and only an identity needs a projection."""
    cell = """cell f(x) {
      align reads needed native
      node a { from x; op relu_conv_bn(3) }
      node b { from x, a; op identity, relu_conv_bn(3); merge add }
      out b
    }
    net search { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4 | 6) { f } }
    """
    space = loads(HEAD + cell)
    assert check(space) == ()
    same, wider = network(space[0]), network(space[1])
    assert [op.name for op in same.ops].count("conv") == 1 + 2
    assert [op.name for op in wider.ops].count("conv") == 1 + 3


def test_what_stands_for_an_identity_where_alignment_is_native() -> None:
    cell = """cell f(x) {
      align reads needed native(conv_bn(1))
      node a { from x; op conv_bn(3) }
      node b { from x, a; op identity, conv_bn(3); merge add }
      out b
    }
    net search { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4 | 6) { f } }
    """
    space = loads(HEAD + cell)
    assert check(space) == ()
    same, wider = network(space[0]), network(space[1])
    assert [op.name for op in wider.ops].count("conv") == 4
    assert "relu" not in [op.name for op in wider.ops]
    assert [op.name for op in same.ops].count("conv") == 3
    with pytest.raises(NasdslError) as caught:
        loads(HEAD + cell.replace("reads needed", "ports always"))
    assert [d.code for d in caught.value.diagnostics] == ["E0327"]
