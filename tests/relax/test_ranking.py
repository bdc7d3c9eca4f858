"""Lists in ascending order of cost, against all combinations sorted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice, permutations, product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasdsl.compiler.ranking import Ranked, ascending, assigned, distinct, independent, nested, subsets, sums

# Few different costs, so that many combinations cost the same; halves and quarters add up exactly.
COSTS = st.integers(0, 12).map(lambda n: n / 4)
TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(COSTS, min_size=n, max_size=n), max_size=min(n, 3)))


def same(found: list[tuple[float, tuple[int, ...]]], expected: dict[tuple[int, ...], float]) -> None:
    assert {item: cost for cost, item in found} == expected
    assert len(found) == len(expected)
    assert [cost for cost, _ in found] == sorted(expected.values())


@given(st.lists(st.lists(COSTS, min_size=1, max_size=4).map(sorted), max_size=5))
def test_sums(costs: list[list[float]]) -> None:
    lists = [Ranked((cost, i) for i, cost in enumerate(own)) for own in costs]
    expected = {
        each: sum(own[i] for own, i in zip(costs, each, strict=True))
        for each in product(*(range(len(c)) for c in costs))
    }
    same(list(sums(lists)), expected)


def test_a_sum_of_very_many_lists_takes_no_more_than_it_is_asked_for() -> None:
    read: list[int] = []

    def ones(number: int) -> Iterator[tuple[float, int]]:
        for i in range(1000):
            read.append(number)
            yield i * (1.0 + number / 1000), i

    lists = [Ranked(ones(n)) for n in range(500)]
    found = sums(lists)
    assert next(found) == (0.0, (0,) * 500)
    assert len(read) == 500
    costs = [cost for cost, _ in islice(found, 501)]
    assert costs == sorted(costs)
    assert costs[:2] == [1.0, 1.001]
    assert len(read) < 3000


@given(st.lists(st.tuples(COSTS, st.lists(COSTS, max_size=3).map(lambda own: [0.0, *sorted(own)])), max_size=4))
def test_nested(tree: list[tuple[float, list[float]]]) -> None:
    tree = sorted(tree)
    outer = [(cost, i) for i, (cost, _) in enumerate(tree)]
    found = nested(outer, lambda i: Ranked((cost, (j,)) for j, cost in enumerate(tree[i][1])))
    expected = {(i, j): cost + own for i, (cost, inner) in enumerate(tree) for j, own in enumerate(inner)}
    same([(cost, (i, j)) for cost, (i, (j,)) in found], expected)  # type: ignore[misc]


@given(st.lists(st.tuples(COSTS, COSTS), max_size=5), st.integers(0, 5), st.integers(0, 5))
def test_subsets(costs: list[tuple[float, float]], least: int, most: int) -> None:
    n = len(costs)
    least, most = min(least, n), min(most, n)
    expected = {
        each: sum(costs[i][i not in each] for i in range(n))
        for k in range(least, most + 1)
        for each in combinations(range(n), k)
    }
    same(list(subsets([c[0] for c in costs], [c[1] for c in costs], least, most)), expected)


@given(TABLES)
def test_members_for_slots(costs: list[list[float]]) -> None:
    n = len(costs[0]) if costs else 0
    k = len(costs)
    for way, legal in (
        (independent, product(range(n), repeat=k)),
        (distinct, permutations(range(n), k)),
        (ascending, combinations(range(n), k)),
    ):
        expected = {each: sum(own[i] for own, i in zip(costs, each, strict=True)) for each in legal}
        same(list(way(costs)), expected)


@pytest.mark.parametrize("seed", range(30))
def test_the_assignment_is_the_cheapest(seed: int) -> None:
    rng = Random(seed)
    slots = rng.randint(1, 6)
    costs = [[rng.uniform(-3, 70) for _ in range(slots + rng.randint(0, 2))] for _ in range(slots)]
    costs = [own[: len(costs[0])] + [5.0] * (len(costs[0]) - len(own)) for own in costs]
    found = assigned(costs)
    assert len(set(found)) == slots
    cheapest = min(
        sum(own[m] for own, m in zip(costs, each, strict=True)) for each in permutations(range(len(costs[0])), slots)
    )
    assert sum(own[m] for own, m in zip(costs, found, strict=True)) == pytest.approx(cheapest)


def test_a_long_assignment_comes_at_once() -> None:
    rng = Random(0)
    costs = [[rng.random() for _ in range(40)] for _ in range(40)]
    cost, members = next(distinct(costs))
    assert sorted(members) == list(range(40))
    # No swap of two makes it cheaper.
    for i, j in combinations(range(40), 2):
        swapped = costs[i][members[j]] + costs[j][members[i]] - costs[i][members[i]] - costs[j][members[j]]
        assert swapped >= -1e-12
    assert cost == pytest.approx(sum(own[m] for own, m in zip(costs, members, strict=True)))
