"""Valid genotypes: counted exactly or estimated, and drawn uniformly, against all genotypes of small spaces."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import pytest

import nasdsl
from nasdsl.compiler.measures import Judged, every_test
from nasdsl.diagnostics import NasdslError
from nasdsl.space import counting, narrow
from nasdsl.space.counting import Count, valid_size, wilson
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import SearchSpace
from nasdsl.space.narrowed import left, narrowed
from tests.space.test_uniform import chi_square

TESTS = Path(__file__).parents[1]
USE = "use vision (identity, none, sep_conv, max_pool, conv, conv_bn, relu_conv_bn, classifier)\n"
NET = "net s { input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { f }; head classifier(2) }\n"
STEPS = (
    "net s {{ input image(3, 8, 8); stem conv_bn(3, width = 4); stage a (width = {}) {{ {} }}; head classifier(2) }}\n"
)

# Each has at most ten thousand genotypes.
SPACES = {
    "plain": "cell f(a, b) { node n[2] { from pick 2 of earlier; op identity | conv(3); merge add }; out add(n) }\n"
    + NET,
    "choices under choices": "block c { conv(1) | sep_conv(3 | 5) | identity }\n"
    + STEPS.format("4", "conv(1 | 3) | sep_conv(3 | 5) | max_pool(3); repeat 0..2 { c }"),
    "an edge for each node": """
cell f(a, b) {
  node n[2] { from all of earlier; op some of [identity, conv(3)]; merge add; require edges >= 1 }
  out add(n)
}
"""
    + NET,
    "edges of a cell": """
cell f(a, b) {
  node n[2] { from pick 1..2 of earlier; op identity | conv(3); merge add }
  out add(n)
  require edges <= 3 and count(identity) >= 1
}
"""
    + NET,
    "a file over a net": "block layer { sep_conv(3 | 5) | identity }\n"
    + STEPS.format("4 | 8 | 12", "conv(1); repeat 1..3 { layer }")
    + "require a.width <= 8 and depth >= 4\nrequire count(sep_conv(5)) <= count(identity)\n",
    "nodes, cells and file": """
let k = 3 | 5
motif m[2](x) {
  node n[2] { from prev; op identity | sep_conv(k) }
  out last(n)
  require count(sep_conv) <= 1
}
cell f(x) { node n[2] { from prev; op one of m; require edges >= 1 }; out last(n); require count(m[1]) >= 1 }
"""
    + NET
    + "require edges >= 5 and k + edges >= 9\n",
    "costs of a chain": "block layer(k, e) { sep_conv(k); conv(e) }\n"
    + STEPS.format("4", "conv(1); repeat 1..2 { layer(3 | 5, 1 | 3) | max_pool(3) }; layer(3 | 5, 1 | 3)")
    + "require params >= 500 and macs <= 60K\nrequire count(conv(1)) >= 2\n",
    "costs of what is shared": "let k = 3 | 5\nblock layer(e) { sep_conv(k); conv(e) }\n"
    + STEPS.format("4", "conv(k); repeat 1..2 { layer(1 | 3) }; branch add { conv(k) } { layer(1 | 3); identity }")
    + "require params - 20 * k <= 1000\n",
    "dead": "cell f(a, b) { node n[2] { from pick 1 of earlier; op none | identity | conv(3) }; out add(n) }\n" + NET,
    "dead under constraints": """
motif f(x) {
  node v[1..3] { from some of earlier; merge add; then conv(3) | max_pool(3) }
  node z { from some of v; absorb some of [x]; merge add; then conv(1) }
  out z
  require edges <= 3
}
""",
    "a longest path": """
cell f(x) {
  node n[3] { from pick 1..2 of earlier; op identity | conv(3); merge add }
  out last(n)
  require depth >= 2 and edges <= 4
}
""",
}
ALL_SUMS = {
    "plain", "choices under choices", "an edge for each node", "edges of a cell", "a file over a net",
    "nodes, cells and file", "costs of a chain", "costs of what is shared",
}  # fmt: skip


def space(text: str) -> SearchSpace:
    return nasdsl.loads(USE + text)


def valid(made: SearchSpace) -> set[Genotype]:
    """By the rules themselves: every constraint holds of the decisions, and the lowered network is alive."""
    constraints = list(every_test(made.skeleton))
    every = (made[rank] for rank in range(made.size))
    meeting = (g for g in every if all(Judged(g).holds(*each) for each in constraints))
    return {g for g in meeting if not nasdsl.network(g).dead}


@pytest.fixture(scope="module", params=SPACES)
def case(request: pytest.FixtureRequest) -> tuple[str, SearchSpace, set[Genotype]]:
    made = space(SPACES[request.param])
    return request.param, made, valid(made)


def test_the_valid_are_counted(case: tuple[str, SearchSpace, set[Genotype]]) -> None:
    name, made, expected = case
    assert made.size <= 10_000
    assert made.valid_size == counting.certain(len(expected))
    assert {g for g in (made[rank] for rank in range(made.size)) if made.valid(g)} == expected
    assert made.pool.valid == (name in ALL_SUMS)


def test_the_pool_numbers_each_genotype_that_meets_the_sums(case: tuple[str, SearchSpace, set[Genotype]]) -> None:
    _, made, expected = case
    members = [made.member(index) for index in range(made.pool.size)]
    assert len(set(members)) == len(members)
    assert all(member in made for member in members)
    assert {g for g in members if made.pool.fault(g) is None} == expected


def test_samples_are_uniform(case: tuple[str, SearchSpace, set[Genotype]]) -> None:
    _, made, expected = case
    rng = Random(6)
    drawn = [made.sample(rng) for _ in range(12 * len(expected))]
    assert set(drawn) <= expected
    assert abs(chi_square(drawn, len(expected))) < 3


def test_samples_by_weight_are_valid() -> None:
    made = space(SPACES["dead under constraints"])
    rng = Random(7)
    drawn = [made.sample(rng, weighted=True) for _ in range(200)]
    assert set(drawn) <= valid(made)


def test_a_seed_draws_the_same() -> None:
    for text in SPACES.values():
        one, other = (space(text) for _ in range(2))
        assert [one.sample(Random(5)).code for _ in range(3)] == [other.sample(Random(5)).code for _ in range(3)]


@pytest.mark.parametrize("name", ["edges of a cell", "nodes, cells and file", "dead under constraints"])
def test_a_narrowed_space_has_a_pool_of_its_own(name: str) -> None:
    made = space(SPACES[name])
    assert made.valid_size.exact
    rng = Random(5)
    for decision in made.decisions:
        owns = list(left(decision))
        kept = sorted(rng.sample(owns, max(1, len(owns) // 2)), key=decision.index)
        small = narrow.rewritten(
            made, lambda d, p=decision.path, k=kept: narrowed(d, k) if d.path == p else d,  # type: ignore[misc]
            made.skeleton.reduction.span, "",
        )  # fmt: skip
        assert small.valid_size == counting.certain(len(valid(small)))
        assert all(small.member(index) in small for index in range(small.pool.size))


# ---- rare, and many --------------------------------------------------------------------------------

RARE = """
cell f(a, b) {
  node n[10] { from some of earlier; op identity | conv(3); merge add }
  out add(n)
  require edges == 12 and count(conv) == 11
}
"""


def test_what_is_rare_is_drawn_at_once() -> None:
    made = space(RARE + NET)
    started = time.process_time()
    rng = Random(0)
    drawn = [made.sample(rng) for _ in range(20)]
    assert time.process_time() - started < 2
    # One in a million is valid.
    assert made.pool.size * 10**6 < made.size
    for genotype in drawn:
        ops = [own for path, own in genotype.assignment.items() if ".op" in path]
        assert (len(ops), sum(ops)) == (12, 11)


def test_the_draws_of_a_large_set_are_not_listed() -> None:
    text = """
cell f(x) {
  node n { from x; op conv(3) }
  node z[24] { from n; absorb some of [*z]; merge add }
  out last(z)
  require edges <= 30
}
"""
    made = space(text)
    started = time.process_time()
    assert made.valid_size.exact is not None
    assert 0 < made.valid_size.exact < made.size
    assert made.sample(Random(0)) in made
    assert time.process_time() - started < 2


PUBLISHED = json.loads((TESTS / "published" / "constrained.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(TESTS / "spaces")
    where = name if name in nasdsl.shipped() else TESTS / "spaces" / f"{name}.nas"
    made = nasdsl.load(where, ops=["operations"])
    assert made.pool.size == PUBLISHED[name]["size"]
    # With no edge left out, a network of NAS-Bench-101 may be dead.
    assert made.pool.valid == (name != "nasbench101")


# ---- estimates ------------------------------------------------------------------------------------


def test_wilson_intervals() -> None:
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for found, samples, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert tuple(map(float, wilson(found, samples))) == pytest.approx((low, high), abs=5e-5)
    assert wilson(20, 20)[1] == 1


def test_an_estimate_says_so_and_holds_the_truth() -> None:
    for name in ("dead", "dead under constraints", "a longest path"):
        made = space(SPACES[name])
        found, exact = valid_size(made, most=0), made.valid_size.exact
        assert exact is not None
        assert found.exact is None
        assert found.low <= exact <= found.high
        assert found.low <= found.estimate <= found.high
        assert 0 < found.high - found.low < made.size / 10
        assert found == valid_size(made, most=0)


def test_progress_is_told() -> None:
    made = space(SPACES["dead"].replace("node n[2]", "node n[4]"))
    told: list[tuple[int, int]] = []
    valid_size(made, progress=lambda done, of: told.append((done, of)))
    assert told == [(n, made.size) for n in range(1000, made.size + 1, 1000)]
    assert told


def test_a_network_is_asked_where_its_costs_are_constrained() -> None:
    made = space(SPACES["plain"] + "require params <= 600\n")
    assert made.pool.needs_network
    expected = valid(made)
    assert made.valid_size == counting.certain(len(expected))
    assert 0 < len(expected) < made.size
    assert valid_size(made, most=0).samples == counting.FEW


def test_an_empty_space_says_what_each_genotype_breaks() -> None:
    made = space(SPACES["plain"] + "require edges >= 5\n")
    assert made.valid_size == Count(0, 0, 0, 0)
    with pytest.raises(NasdslError, match="E0501") as caught:
        made.sample(Random(0))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.notes == ("in 10,000 of them `edges >= 5` does not hold",)
