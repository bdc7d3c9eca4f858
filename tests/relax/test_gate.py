"""The algebra of gates: products of events, sums of alternatives, and what they are under weights."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from nasdsl.compiler.gate import (
    EDGE,
    ONE,
    ZERO,
    Gate,
    Product,
    Sum,
    Weight,
    either,
    evaluate,
    factors,
    less,
    plus,
    rows,
    times,
)

COLUMNS = 3
A, B, C = Weight(0, 0), Weight(0, 1), Weight(1, 2)


def value(gate: Gate, weights: dict[tuple[int, int], float]) -> float:
    return evaluate(gate, lambda leaf: weights[leaf.row, leaf.column], float, {})


def one_hot(*chosen: int) -> dict[tuple[int, int], float]:
    """A weight of 1 on one column of every row, edges included."""
    found = {(row, column): float(column == own) for row, own in enumerate(chosen) for column in range(COLUMNS)}
    return found | {(row, EDGE): 1.0 for row in range(len(chosen))}


def drawn(rng: Random, depth: int) -> Gate:
    """A gate as lowerings make them: of events, from the constructors alone."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice((ONE, ZERO, *(Weight(row, column) for row in range(3) for column in range(COLUMNS))))
    parts = [drawn(rng, depth - 1) for _ in range(rng.choice((1, 2, 3)))]
    return rng.choice((lambda: times(*parts), lambda: either(*parts), lambda: less(parts[0])))()


def test_nothing_and_everything() -> None:
    assert times() == ONE
    assert plus() == ZERO
    assert times(A, ZERO, B) == ZERO
    assert times(ONE, A, ONE) == A
    assert plus(ZERO, A) == A
    assert less(ONE) == ZERO
    assert less(ZERO) == ONE
    assert either(A, ONE) == ONE
    assert either() == ZERO


def test_two_alternatives_are_never_there_at_once() -> None:
    assert times(A, B) == ZERO
    assert times(times(A, C), B) == ZERO
    assert times(A, A) == A
    assert times(C, A, C) == times(C, A)
    # The weight of a whole edge is none of its alternatives, and counts as often as it is written.
    edge = Weight(0, EDGE)
    assert times(A, edge) == Product(1.0, (A, edge))
    assert value(times(edge, edge, A), {(0, 0): 1.0, (0, EDGE): 0.5}) == 0.25


def test_products_and_sums_are_flat() -> None:
    assert times(A, times(C, less(A))) == times(times(A, C), less(A)) == Product(1.0, (A, C, less(A)))
    assert plus(A, plus(B, C)) == Sum((A, B, C))
    assert factors(times(A, C)) == (A, C)
    assert factors(A) == (A,)
    assert factors(ONE) == ()


def test_numbers() -> None:
    weights = {(0, 0): 0.5, (0, 1): 0.25, (1, 2): 0.2}
    assert value(times(A, C, factor=3.0), weights) == pytest.approx(0.3)
    assert value(times(times(A, factor=2.0), times(C, factor=4.0)), weights) == pytest.approx(0.8)
    assert value(plus(A, ONE, B, ONE), weights) == 2.75
    assert value(less(plus(A, B)), weights) == 0.25
    assert value(times(factor=0.5), weights) == 0.5


def test_any_of_alternatives_is_their_sum_and_of_others_what_is_not_none() -> None:
    assert either(A, B) == plus(A, B)
    assert either(A, A) == A
    weights = {(0, 0): 0.5, (1, 2): 0.2}
    assert value(either(A, C), weights) == pytest.approx(1 - 0.5 * 0.8)


def test_the_rows_of_a_gate() -> None:
    assert set(rows(times(A, less(plus(C, Weight(4, 0)))))) == {0, 1, 4}
    assert set(rows(ONE)) == set(rows(ZERO)) == set()


@pytest.mark.parametrize("seed", range(60))
def test_under_one_hot_weights_gates_are_events(seed: int) -> None:
    """Products are conjunctions, `either` is any of them, `less` is the negation: 0 or 1 under all choices."""
    rng = Random(seed)
    one, two = drawn(rng, 3), drawn(rng, 3)
    for chosen in product(range(COLUMNS), repeat=3):
        weights = one_hot(*chosen)
        a, b = value(one, weights), value(two, weights)
        assert {a, b} <= {0.0, 1.0}
        assert value(times(one, two), weights) == a * b
        assert value(either(one, two), weights) == max(a, b)
        assert value(less(one), weights) == 1 - a


def test_a_gate_is_evaluated_once() -> None:
    asked: list[Weight] = []

    def weight(leaf: Weight) -> float:
        asked.append(leaf)
        return 0.5

    shared = plus(A, C)
    known: dict[Gate, float] = {}
    evaluate(times(less(shared), Weight(2, 0)), weight, float, known)
    evaluate(times(shared, Weight(2, 1)), weight, float, known)
    assert asked == [A, C, Weight(2, 0), Weight(2, 1)]
