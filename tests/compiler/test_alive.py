"""What is dead is told from the decisions as the lowered network tells it."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

import nasdsl
from nasdsl.compiler.alive import Flow, Liveness, UnsureError
from nasdsl.compiler.judge import broken
from nasdsl.compiler.load import shipped
from nasdsl.diagnostics import NasdslError
from nasdsl.space.model import SearchSpace

TESTS = Path(__file__).parents[1]
USE = "use vision (identity, none, sep_conv, dw_conv, max_pool, conv, conv_bn, relu_conv_bn, classifier)\n"
NET = "net s { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { f; f }; head classifier(2) }\n"
TWO = (
    "net s { input image(3, 8, 8); stem conv_bn(3, width = 4); "
    "stage (width = 4) { f }; stage (width = 8, stride = 2) { f; f }; head classifier(2) }\n"
)


def agrees(space: SearchSpace, most: int, seed: int = 0) -> tuple[int, int]:
    """Compares, and returns how many were dead, and for how many it took a network to tell."""
    liveness, rng = Liveness(space), Random(seed)
    dead = unsure = 0
    for rank in range(space.size) if space.size <= most else [rng.randrange(space.size) for _ in range(most)]:
        genotype = space[rank]
        # Of a genotype that breaks a constraint nobody asks.
        if broken(genotype) is not None:
            continue
        try:
            expected = nasdsl.network(genotype).dead
        except NasdslError:
            # What is no network is neither dead nor alive.
            continue
        assert liveness.dead(genotype) == expected, genotype.text()
        dead += expected
        if liveness.plain and not liveness.certain:
            try:
                Flow(liveness, genotype.assignment).alive()
            except UnsureError:
                unsure += 1
    return dead, unsure


TEXTS = {
    "none in a cell": """
cell f(a, b) { node n[2] { from pick 2 of earlier; op one of [identity, sep_conv(3), none]; merge add }; out concat(n) }
"""
    + NET,
    "none in the net": """
cell f(a, b) { node n[2] { from pick 1 of earlier; op one of [identity, none] }; out last(n) }
"""
    + TWO.replace("{ f }", "{ conv(1) | none; f }"),
    "sets that may be empty": """
motif f(x) {
  node v[1..2] { from some of earlier; merge add; then one of [conv(3), none] }
  node z { from some of v; absorb some of [x]; merge concat; then conv(1) }
  out z
}
""",
    "the last of an open array": """
motif f(x) { node n[1..3] { from prev; op identity | none }; out last(n) }
""",
    "parallel operations": """
cell f(a, b) { node n[2] { from a, prev; op some of [identity, none, sep_conv(3)]; merge add }; out concat(unused(n)) }
"""
    + NET,
    "what nobody reads": """
cell f(a, b) { node n[3] { from pick 1..2 of earlier; op identity | none; merge add }; out concat(unused) }
"""
    + TWO,
    "absorbing what nobody reads": """
cell f(a, b) {
  node n[2] { from pick 1 of earlier; op identity | none }
  node z { from some of [a, b]; absorb unused; merge add; then relu_conv_bn(1) }
  out z
}
"""
    + NET,
    "blocks with a choice inside": """
block gate(k) { conv(k) | none; repeat 0..2 { identity | none } }
block kept { shortcut { gate(1) } }
block way { branch add { gate(1) } { identity; none | conv(1) } }
motif f(x) {
  node a { from x; op gate(1 | 3) | way }
  node b { from x, a; op way | none; merge add; then gate(3) | kept }
  out b
}
""",
    "operations as arguments": """
block twice(inner) { inner; inner }
cell f(x) { node n[2] { from prev; op twice(conv(1) | none) | identity }; out concat(n) }
"""
    + NET,
    "motifs of motifs": """
motif small[2](x) { node n[2] { from all of earlier; op one of [none, conv(1)]; merge add }; out last(n) }
motif f(x) { node n[2] { from all of earlier; op one of [none, *small]; merge concat; then conv(1) }; out last(n) }
"""
    + NET,
    "a depth": """
block layer { conv(1) | none | identity }
"""
    + NET.replace("{ f; f }", "{ repeat 1..3 { layer } }"),
    "constraints of nodes": """
cell f(a, b) {
  node n[2] { from all of earlier; op some of [identity, conv(1)]; merge add; require edges >= 1 }
  out add(n)
}
"""
    + NET,
}
CERTAIN = {"constraints of nodes"}
UNSURE = {"absorbing what nobody reads"}


@pytest.mark.parametrize("name", TEXTS)
def test_dead_is_what_the_network_says(name: str) -> None:
    space = nasdsl.loads(USE + TEXTS[name])
    dead, unsure = agrees(space, 400)
    assert Liveness(space).certain == (name in CERTAIN)
    assert (dead > 0) == (name not in CERTAIN)
    assert (unsure > 0) == (name in UNSURE)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_dead_in_shipped_spaces(name: str) -> None:
    space = nasdsl.load(name)
    _, unsure = agrees(space, 8)
    assert Liveness(space).certain == (name not in ("hierarchical", "nasbench101"))
    assert not unsure


DRAFTS = sorted(path.stem for path in (TESTS / "spaces").glob("*.nas"))


@pytest.mark.parametrize("name", DRAFTS)
def test_dead_in_published_spaces(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(TESTS / "spaces")
    space = nasdsl.load(TESTS / "spaces" / f"{name}.nas", ops=["operations"])
    agrees(space, 6)


PAGE = (TESTS.parent / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```nas\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_dead_in_the_examples_of_the_reference() -> None:
    assert sum(agrees(nasdsl.loads(text), 40)[0] for text in EXAMPLES) > 0


# ---- generated spaces ----------------------------------------------------------------------------


OPS = ["conv(1)", "identity", "conv(1) | none", "one of [none, identity, max_pool(3)]"]
GATED = [*OPS, "gate", "gate | conv(1)"]
SOURCES = ["all of earlier", "pick 1 of earlier", "some of earlier", "pick 1..2 of earlier", "prev"]


def generated(rng: Random) -> str:
    """A file with a motif, a cell over it, and a net: all that can make a value absent, in random places."""
    one = rng.choice
    merge, absorb = one(["add", "concat"]), one(["", "", "absorb unused; ", "absorb some of earlier; "])
    then = "then conv(1)" if merge == "concat" else one(["", "then conv(1)", "then conv(1) | none"])
    out = one(["add(n)", "last(n)", "concat(n)", "add(unused)" if absorb else "concat(unused)"])
    outer = one([*GATED, "m", "m | none", "some of [conv(1), m, none]"])
    return f"""{USE}
block gate {{ {one(OPS)}; repeat 0..1 {{ {one(OPS)} }} }}
motif m(x) {{ node v[2] {{ from {one(SOURCES)}; op {one(GATED)}; merge add }}; out {one(["last(v)", "add(v)"])} }}
cell f({one(["x", "a, b"])}) {{
  node n[{one(["2", "3", "1..3"])}] {{ from {one(SOURCES)}; op {outer}; {absorb}merge {merge}; {then} }}
  out {out}
}}
{one([NET, TWO])}"""


def test_dead_in_generated_spaces() -> None:
    rng, dead, unsure, made = Random(11), 0, 0, 0
    for seed in range(150):
        try:
            space = nasdsl.loads(generated(rng))
        except NasdslError:
            continue
        found, doubts = agrees(space, 12, seed)
        dead, unsure, made = dead + found, unsure + doubts, made + 1
    assert made > 100
    assert dead > 100
    assert unsure > 0
