"""Where what weighs most is not valid together: the valid genotype that is nearest, never one that breaks a rule."""

from __future__ import annotations

import math
from random import Random

import pytest

import nasdsl
from nasdsl.compiler import discretise
from nasdsl.compiler.discretise import genotype, score
from nasdsl.diagnostics import NasdslError
from nasdsl.space.model import Everything, Fault, Genotype, SearchSpace
from tests.relax.rows import drawn, filled, rows_of
from tests.relax.spaces import small

NEARBY = ["open_set", "required", "few", "open_array", "repeats", "in_order"]


@pytest.mark.parametrize("name", NEARBY)
def test_the_nearest_valid_genotype_is_found(name: str) -> None:
    space = small(name)
    rows = rows_of(space)
    away = 0
    for seed in range(6):
        weights = drawn(rows, Random(seed), sigmoid=seed % 2 == 1)
        found = genotype(space, rows, weights)
        assert space.valid(found)
        scores = {g: score(space, rows, weights, g) for g in space if space.valid(g)}
        assert scores[found] == pytest.approx(max(scores.values()), abs=1e-9)
        away += scores[found] < 0
    assert away or name not in ("required", "few")


def test_equal_weights_and_seeds_give_equal_genotypes() -> None:
    space = nasdsl.load("goldnas", {"N": 1})
    rows = rows_of(space)
    weights = filled(rows, {}, 0.1)
    first = genotype(space, rows, weights, rng=Random(3), most=300)
    assert first == genotype(space, rows, weights, rng=Random(3), most=300)
    assert space.valid(first)


def test_nasbench101_keeps_nine_edges_at_most() -> None:
    space = nasdsl.load("nasbench101")
    rows = rows_of(space)
    for seed in range(3):
        weights = drawn(rows, Random(seed), sigmoid=True)
        for table in weights.values():
            for own in table:
                if len(own) == 2:
                    own[1] = 0.4 + 0.6 * own[1]
        found = genotype(space, rows, weights)
        assert space.valid(found)
        # No valid neighbour is nearer.
        best = score(space, rows, weights, found)
        assert best < 0
        assert all(score(space, rows, weights, g) <= best + 1e-9 for g in found.neighbours() if space.valid(g))


def test_where_nothing_near_is_valid_a_sample_is_mended() -> None:
    """Every node lacks an edge: what makes it valid is one change of each of 20 nodes, and the best one is known."""
    space = nasdsl.load("goldnas", {"N": 1})
    rows, rng = rows_of(space), Random(1)
    weights = {
        name: [[1 - p, p] for p in (rng.uniform(0.05, 0.45) for _ in own)] for name, own in drawn(rows, rng).items()
    }
    found = genotype(space, rows, weights, most=50)
    assert space.valid(found)
    by_node: dict[str, list[float]] = {}
    for row in rows:
        _, p = weights[row.table][row.index]
        by_node.setdefault(row.path.split(".op")[0], []).append(math.log(p / (1 - p)))
    assert len(by_node) == 20
    expected = sum(max(own) for own in by_node.values())
    assert score(space, rows, weights, found) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("most", [1, 3, 10_000])
def test_few_looks_still_find_a_valid_one(most: int) -> None:
    space = small("required")
    rows = rows_of(space)
    scores = []
    for seed in range(6):
        weights = drawn(rows, Random(seed), sigmoid=True)
        found = genotype(space, rows, weights, most=most)
        assert space.valid(found)
        best = max(score(space, rows, weights, g) for g in space if space.valid(g))
        scores.append(score(space, rows, weights, found) - best)
    assert min(scores) > -1.0


def test_looking_goes_on_until_nothing_nearer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """With samples that nothing mends, the nearest is found by looking on."""
    monkeypatch.setattr(discretise, "FIRST", 0)
    monkeypatch.setattr(discretise, "MENDED", 0)
    for name in ("required", "few"):
        test_the_nearest_valid_genotype_is_found(name)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_mended_cannot_be_bettered_by_an_exchange(seed: int) -> None:
    """Of 21 edges that all weigh much 9 stay: no other one in the place of one of them is nearer."""
    space = nasdsl.load("nasbench101")
    rows, rng = rows_of(space), Random(seed)
    weights = drawn(rows, rng)
    for table in weights.values():
        if len(table[0]) == 2:
            table[:] = [[1 - p, p] for p in (rng.uniform(0.6, 0.95) for _ in table)]
    found = genotype(space, rows, weights, most=1)
    best = score(space, rows, weights, found)
    assert space.valid(found)
    exchanged = 0
    for g in found.neighbours():
        for h in g.neighbours() if sum(map(len, sets(g))) == 8 else ():
            if sum(map(len, sets(h))) == 9 and space.valid(h):
                assert score(space, rows, weights, h) <= best + 1e-9
                exchanged += 1
    assert exchanged > 20


def sets(genotype: Genotype) -> list[tuple[int, ...]]:
    return [chosen for chosen in genotype.assignment.values() if isinstance(chosen, tuple)]


def never(space: SearchSpace) -> SearchSpace:
    def fault(genotype: Genotype) -> Fault:
        return Fault("it is a Monday")

    return SearchSpace(space.name, space.net, space.entries, fault=fault, pooled=Everything)


def test_no_valid_genotype_at_all() -> None:
    space = never(small("gates"))
    rows = rows_of(space)
    with pytest.raises(NasdslError) as caught:
        genotype(space, rows, drawn(rows, Random(0)))
    (found,) = caught.value.diagnostics
    assert found.code == "E0940"
    assert "it is a Monday" in "".join(found.notes)


def test_a_weight_is_no_number() -> None:
    space = nasdsl.load("darts")
    rows = rows_of(space)
    weights = drawn(rows, Random(0))
    weights["normal.8"][3][2] = math.nan
    with pytest.raises(NasdslError) as caught:
        genotype(space, rows, weights)
    (found,) = caught.value.diagnostics
    assert found.code == "E0941"
    assert found.message.startswith("`normal.n[1].from.prev1` weighs `avg_pool(3)` nan")
    weights = drawn(rows, Random(0))
    with pytest.raises(NasdslError, match="E0941: the edge"):
        genotype(space, rows, weights, edges={"normal.8": [math.inf] * 14})
