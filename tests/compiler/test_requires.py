"""Constraints: what is measured, what is valid, and what is proved of them, against every genotype of small spaces."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

import nasdsl
from nasdsl.compiler.bounds import bounds
from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.feasible import met
from nasdsl.compiler.measures import Judged, every_test, shown
from nasdsl.compiler.sums import ways
from nasdsl.compiler.tally import UndecidedError, Walk
from nasdsl.diagnostics import NasdslError
from nasdsl.source import SourceFile
from nasdsl.space import narrow
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision
from nasdsl.space.model import SearchSpace
from nasdsl.space.narrowed import left, narrowed

USE = "use vision (identity, none, sep_conv, dil_conv, max_pool, conv, conv_bn, relu_conv_bn, classifier)\n"
NET = "net search { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { f }; head classifier(2) }\n"


def net(stages: str) -> str:
    return f"net search {{\n  input image(3, 8, 8)\n  stem conv_bn(3, width = 4)\n{stages}  head classifier(2)\n}}\n"


# Spaces of at most a few thousand genotypes; every constraint is a sum over decisions.
SUMS = {
    "picked": """
cell f(a, b) {
  node n[2] { from pick 2 of earlier; op one of [identity, sep_conv(3 | 5), none]; merge add; require edges >= 1 }
  out concat(n)
  require edges <= 3 and count(identity) <= 2 and count(sep_conv(3)) >= 1 and count(sep_conv) <= 3
}
"""
    + NET,
    "parallel": """
cell f(x) {
  node n[2] { from all of earlier; op some of [identity, sep_conv(3 | 5)]; merge add; require edges >= 1 }
  out last(n)
  require edges <= 4
  require count(sep_conv(5)) * 2 - count(identity) <= 3
}
""",
    "open": """
motif f(x) {
  node v[1..2] { from some of earlier; merge add; then one of [conv(3), max_pool(3)] }
  node z { from some of v; absorb some of [x]; merge add; then conv(1) }
  out z
  require edges <= 3 and nodes >= 3 and count(max_pool(3)) <= 1
}
""",
    "several": """
let k = 3 | 5
motif m[2](x) { node n[2] { from prev; op identity | sep_conv(k) }; out last(n); require count(sep_conv) <= 1 }
cell f(x) { node n[2] { from prev; op one of [*m, none] }; out last(n) }
"""
    + NET
    + "require edges >= 5 and count(m) >= 1 and count(m[1]) <= 1 and count(sep_conv(5)) <= 2 and k + edges >= 9\n",
    "shared": """
cell f(a, b) {
  let o = identity | sep_conv(3) | none
  node n[2] { from pick 1 of earlier; op o }
  node s { from some of [a, b]; op o; merge add }
  out last(n)
  require edges <= 3 and count(identity) <= 2
}
""",
    "net": """
block layer(k) { sep_conv(k); identity }
"""
    + net("""  stage a (width = one of [4, 8, 12]) { repeat 1..3 { layer(3 | 5) | identity } }
  stage b (width = 4 | 8, stride = 2) { sep_conv(3) }
""")
    + """require a.width <= b.width + 4 and depth <= 3
require count(layer(3)) <= 1 and count(sep_conv(5)) >= 1 and count(identity) >= 2
""",
}


def space(text: str, ops: Sequence[str] = ()) -> SearchSpace:
    return nasdsl.loads(USE + text, ops=ops)


@pytest.mark.parametrize("name", SUMS)
def test_sums_are_those_of_all_genotypes(name: str) -> None:
    made = space(SUMS[name])
    assert made.size <= 5_000
    constraints = list(every_test(made.skeleton))
    judged = [Judged(made[rank]) for rank in range(made.size)]
    for test, place in constraints:
        expected = Counter((j.number(test.left, place) - j.number(test.right, place),) for j in judged)
        assert ways(made, ((test, place),)) == expected, shown(test, place)
        assert len(expected) > 1, "a constraint that cannot fail proves nothing"
    held = [all(j.holds(*each) for each in constraints) for j in judged]
    assert met(made) == sum(held)
    assert 0 < sum(held) < made.size


@pytest.mark.parametrize("name", SUMS)
def test_the_joint_sums_are_those_of_all_genotypes(name: str) -> None:
    made = space(SUMS[name])
    constraints = list(every_test(made.skeleton))
    together = Counter(
        tuple(j.number(t.left, p) - j.number(t.right, p) for t, p in constraints)
        for j in (Judged(made[rank]) for rank in range(made.size))
    )
    assert ways(made, constraints) == together


def narrower(path: str, kept: list[Any]) -> Callable[[Decision], Decision]:
    return lambda d: narrowed(d, kept) if d.path == path else d


@pytest.mark.parametrize("name", SUMS)
def test_a_narrowed_space_is_summed_alike(name: str) -> None:
    made = space(SUMS[name])
    rng = Random(5)
    for decision in made.decisions:
        if decision.choices < 2 or decision.path.startswith("m["):
            continue
        owns = list(left(decision))
        kept = sorted(rng.sample(owns, max(1, len(owns) // 2)), key=decision.index)
        small = narrow.rewritten(
            made,
            lambda d, p=decision.path, k=kept: narrowed(d, k) if d.path == p else d,
            made.skeleton.reduction.span,
            "",
        )
        constraints = list(every_test(small.skeleton))
        assert met(small) == sum(all(Judged(small[r]).holds(*c) for c in constraints) for r in range(small.size))


PUBLISHED = {
    # GOLD-NAS: any non-empty subset of (edge, op) pairs a node.
    """
cell f(a, b) {
  node n[4] { from all of earlier; op some of [identity, sep_conv(3)]; merge add; require edges >= 1 }
  out concat(n)
}
""": 246_517_425,
    # NAS-Bench-101 with at most nine edges, labelled.
    """
cell module(x) {
  align reads always conv(1)
  node v[5] { from some of earlier; merge add; then one of [conv(3), conv(1), max_pool(3)] }
  node o { from some of v; merge concat; then conv(1) }
  node z { from o; absorb some of [x]; merge add }
  out z
  require edges <= 9
}
""": 169_093_980,
}


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_counts_under_constraints(text: str) -> None:
    assert met(space(text)) == PUBLISHED[text]


# ---- measures -----------------------------------------------------------------------------------


def measured(text: str, measure: str, code: int) -> int | float:
    made = space(text.replace("HERE", f"require {measure} >= 0"))
    ((test, place),) = every_test(made.skeleton)
    return Judged(made[code]).number(test.left, place)


EDGES = """
cell f(a, b) {
  node n { from a, b; op identity, none; merge add }
  node w { from a, n; merge add }
  node p { from pick 1 of [a, n]; absorb some of [b]; merge add }
  out add([w, p])
  HERE
}
"""


def test_an_edge_is_what_was_drawn_or_passes_through_an_operation() -> None:
    # n: one, for `none` is absence; w: wiring; p: one drawn, and one that may be absorbed.
    assert [measured(EDGES, "edges", code) for code in range(4)] == [2, 3, 2, 3]
    assert measured(EDGES, "nodes", 0) == 3
    assert measured(EDGES, "count(identity)", 0) == 1
    assert measured(EDGES, "count(none)", 0) == 1
    # The longest path: a through n, then drawn by p.
    assert [measured(EDGES, "depth", code) for code in range(4)] == [1, 1, 2, 2]


DEEP = """
motif f(x) {
  node n[1..3] { from prev; op identity | none }
  out last(n)
  HERE
}
"""


def test_depth_follows_what_is_there() -> None:
    found = {}
    made = space(DEEP.replace("HERE", "require depth >= 0"))
    ((test, place),) = every_test(made.skeleton)
    for rank in range(made.size):
        genotype = made[rank]
        ops = [v for p, v in genotype.assignment.items() if ".op" in p]
        found[tuple(ops)] = Judged(genotype).number(test.left, place)
    # A path through `none` is none; what reads nothing is as deep as nothing.
    assert found == {ops: 0 if 1 in ops else len(ops) for ops in found}


def test_params_and_macs_are_those_of_the_live_network() -> None:
    made = space(SUMS["picked"] + "require params <= 300 and macs <= 20K\n")
    tests = [(t, p) for t, p in every_test(made.skeleton) if isinstance(p, sk.Skeleton)]
    for code in (0, 17, 700):
        network = nasdsl.network(made[code])
        assert [Judged(made[code]).number(t.left, p) for t, p in tests] == [network.params, network.macs]


def test_a_stage_named_in_another_net_binds_that_net_alone() -> None:
    text = (
        USE
        + """
net first { input image(3, 8, 8); stem conv_bn(3, width = 4); stage a (width = 4 | 8) { sep_conv(3) } }
net second { input image(3, 8, 8); stem conv_bn(3, width = 4); stage b (width = 4 | 8) { sep_conv(3) } }
require a.width <= 4 and depth >= 1
"""
    )
    for name, count in (("first", 2), ("second", 1)):
        assert len(list(every_test(nasdsl.loads(text, net=name).skeleton))) == count


def test_a_declared_name_goes_before_a_measure() -> None:
    made = space("let depth = 3 | 5\n" + net("  conv(depth)\n") + "require depth <= 3\n")
    assert met(made) == made.size // 2


# ---- what is valid ------------------------------------------------------------------------------


def test_samples_and_only_samples_hold_every_constraint() -> None:
    made = space(SUMS["picked"] + "require params <= 300\n")
    rng = Random(1)
    for _ in range(50):
        genotype, _ = made.sample_counted(rng)
        assert made.valid(genotype)
        assert all(Judged(genotype).holds(*each) for each in every_test(made.skeleton))
    faults = {str(made.fault(made[rng.randrange(made.size)])) for _ in range(200)}
    assert "`edges <= 3` of `f` does not hold: edges = 4" in faults
    assert None not in faults


def test_what_is_hopeless_names_the_constraint() -> None:
    made = space(SUMS["picked"] + "require edges >= 5\n")
    with pytest.raises(NasdslError) as caught:
        made.sample(Random(0))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0501"
    assert any("`edges >= 5` does not hold" in note for note in diagnostic.notes)


def test_a_candidate_that_is_not_valid_is_not_trained() -> None:
    from nasdsl.compiler.frame import Binding
    from nasdsl.evolve.problem import SpaceProblem

    made = space(SUMS["picked"])
    problem = SpaceProblem(made, Binding(3, (8, 8), 2))
    rng = Random(2)
    for _ in range(60):
        genotype = made[rng.randrange(made.size)]
        candidate = problem.candidate(genotype)
        assert (candidate.fault == "") == made.valid(genotype)
        # Constraints may tell equal networks apart, so what breaks one is a duplicate of nothing else.
        if candidate.fault and "does not hold" in candidate.fault:
            assert candidate.key == f"genotype {genotype.code}"


# ---- what is proved -----------------------------------------------------------------------------


def codes(text: str) -> list[str]:
    found = (d.code for d in diagnostics(SourceFile("f", USE + text)))
    return [code for code in found if code[1:3] == "08"]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("edges >= 1", []), ("edges >= 0", ["W0801"]), ("edges >= 5", ["E0805"]), ("edges != 9", ["W0801"]),
        ("edges >= 3 and edges <= 2", ["E0806"]), ("count(identity) >= 3 and count(sep_conv) >= 2", ["E0806"]),
        ("count(identity) >= 2 and count(sep_conv) >= 2", []), ("depth <= 0", []), ("depth <= 2", ["W0801"]),
        ("depth >= 3", ["E0805"]), ("edges * edges <= 4", []), ("edges * edges < 0", ["E0805"]),
        ("edges // 0 <= 1", ["E0805"]),
    ],
)  # fmt: skip
def test_a_verdict(measure: str, expected: list[str]) -> None:
    text = """
cell f(a, b) {
  node n[2] { from pick 2 of earlier; op one of [identity, sep_conv(3), none]; merge add }
  out concat(n)
  require MEASURE
}
"""
    assert codes(text.replace("MEASURE", measure)) == expected


def test_what_is_no_sum_is_undecided_not_wrong() -> None:
    made = space(SUMS["picked"] + "require params <= 300\n")
    with pytest.raises(UndecidedError):
        ways(made, [each for each in every_test(made.skeleton) if isinstance(each[1], sk.Skeleton)])
    with pytest.raises(UndecidedError):
        Walk(made.skeleton, {}, {}).measure(sk.Measure("width of nothing"), made.skeleton)


BOUNDED = {
    **{name: SUMS[name] for name in ("picked", "several")},
    "deep": """
cell f(a, b) { node n[2] { from pick 2 of earlier; op one of [sep_conv(3 | 5), none]; merge add }; out concat(n) }
"""
    + net("""  stage (width = 4) { f; repeat 1..2 { conv_bn(1 | 3) } }
  stage (width = 8, stride = 2) { f; conv_bn(3 | 5) | none; shortcut { sep_conv(3) } }
"""),
    "parallel": SUMS["parallel"] + NET,
}


@pytest.mark.parametrize("cost", ["params", "macs"])
@pytest.mark.parametrize("name", BOUNDED)
def test_bounds_hold_of_every_live_genotype(name: str, cost: str) -> None:
    made = space(BOUNDED[name])
    low, high = bounds(made, cost)  # type: ignore[arg-type]
    rng = Random(3)
    drawn = range(made.size) if made.size <= 800 else [rng.randrange(made.size) for _ in range(800)]
    networks = [nasdsl.network(made[rank]) for rank in drawn]
    costs = [getattr(n, cost) for n in networks if not n.dead]
    assert 0 < low <= min(costs)
    assert max(costs) <= high
    # Not idle: the dearest genotype is within the slack of a choice of sources.
    assert high <= 2 * max(costs)


def test_operations_that_a_block_is_given_are_its_uses() -> None:
    text = """
block twice(inner, k) { inner; sep_conv(k) }
cell f(x) {
  node n { from x; op twice(conv(1) | conv(3), 3 | 5) }
  out n
  require count(conv) >= 1 and count(conv(3)) >= 1 and count(sep_conv(5)) >= 1 and count(twice) >= 1
}
"""
    made = space(text)
    constraints = list(every_test(made.skeleton))
    expected = Counter(tuple(Judged(made[r]).number(t.left, p) for t, p in constraints) for r in range(made.size))
    assert expected == {(1, a, b, 1): 1 for a in (0, 1) for b in (0, 1)}
    assert sum(ways(made, constraints).values()) == made.size


def test_a_plugin_measures_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = ModuleType("measuring")
    plugin.OPERATIONS = {}
    plugin.MEASURES = {"live": lambda network: len(network.live), "half": lambda network: 1 // 0}
    monkeypatch.setitem(sys.modules, "measuring", plugin)
    made = space(SUMS["picked"] + "require live <= 20\n", ops=["measuring"])
    rng = Random(0)
    drawn = [made[rng.randrange(made.size)] for _ in range(40)]
    last = next(every_test(made.skeleton))
    assert {Judged(g).holds(*last) for g in drawn} == {len(nasdsl.network(g).live) <= 20 for g in drawn}
    misplaced = SUMS["picked"].replace("require edges >= 1", "require live >= 1")
    with pytest.raises(NasdslError, match="E0802"):
        space(misplaced, ops=["measuring"])
    wrong = space(SUMS["picked"] + "require half <= 20\n", ops=["measuring"])
    with pytest.raises(NasdslError) as caught:
        Judged(wrong[0]).holds(*next(every_test(wrong.skeleton)))
    assert caught.value.diagnostics[0].message == "the measure `half` fails"
    assert "ZeroDivisionError" in caught.value.diagnostics[0].notes[1]
