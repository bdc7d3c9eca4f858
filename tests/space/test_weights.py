"""Sampling by weights: as often as they say, inside one another, and never in the text of a genotype."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations, product
from math import prod
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nasdsl import loads
from nasdsl.space.decisions import Choice, Subset, Written
from nasdsl.space.positions import Mode, favoured

HEAD = "use vision (identity, conv, max_pool, conv_bn, classifier)\n"
SPACE = (
    HEAD
    + """
ops some_ops = [max_pool(3) @ 3, conv(3 @ 2 | 5), identity]
net n { input image(3, 8 @ 3 | 16); stem conv_bn(3, width = 4); stage s (width = 4) { one of some_ops } }
"""
)


def deviate(counts: Counter[object], expected: dict[object, float]) -> float:
    """The statistic of given probabilities as a normal deviate (Wilson and Hilferty, 1931)."""
    assert set(counts) <= set(expected)
    drawn, total = counts.total(), sum(expected.values())
    shares = {outcome: drawn * share / total for outcome, share in expected.items()}
    statistic = sum((counts[outcome] - share) ** 2 / share for outcome, share in shares.items())
    freedom = len(expected) - 1
    spread = 2 / (9 * freedom)
    return float(((statistic / freedom) ** (1 / 3) - (1 - spread)) / spread**0.5)


def test_alternatives_are_drawn_by_their_weights() -> None:
    space = loads(SPACE)
    rng = Random(1)
    counts: Counter[object] = Counter(space.sample(rng, weighted=True).rank for _ in range(6000))
    inner = {"max_pool": [3 / 5], "conv": [1 / 5 * 2 / 3, 1 / 5 * 1 / 3], "identity": [1 / 5]}
    steps = [share for shares in inner.values() for share in shares]
    expected: dict[object, float] = {}
    for rank in range(space.size):
        size, step = divmod(rank, 4)
        expected[rank] = steps[step] * (3 / 4, 1 / 4)[size]
    assert abs(deviate(counts, expected)) < 3
    assert deviate(counts, dict.fromkeys(expected, 1.0)) > 10


def test_uniform_sampling_ignores_weights() -> None:
    space = loads(SPACE)
    rng = Random(2)
    counts: Counter[object] = Counter(space.sample(rng).rank for _ in range(6000))
    assert abs(deviate(counts, dict.fromkeys(range(space.size), 1.0))) < 3


def test_no_weight_is_in_the_text_of_a_genotype() -> None:
    space = loads(SPACE)
    assert {"@" in space[i].text() for i in range(space.size)} == {False}
    assert "n.s = conv(3)" in space[1].text()


WAYS = {"set": combinations, "order": permutations, "repeats": lambda n, k: product(n, repeat=k)}


@pytest.mark.parametrize(("mode", "least", "most"), [("set", 2, 2), ("set", 0, 3), ("order", 1, 3), ("repeats", 1, 2)])
def test_sets_are_drawn_by_the_product_of_their_weights(mode: Mode, least: int, most: int) -> None:
    weights = (1.0, 2.0, 0.5, 4.0)
    rng = Random(3)
    counts: Counter[object] = Counter(favoured(mode, weights, least, most, rng) for _ in range(8000))
    expected: dict[object, float] = {
        drawn: prod(weights[p] for p in drawn)
        for k in range(least, most + 1)
        for drawn in WAYS[mode](range(4), k)  # type: ignore[operator]
    }
    assert abs(deviate(counts, expected)) < 3


def test_a_pick_is_drawn_by_its_weights() -> None:
    cell = "cell f(a, b) { node n[2] { from pick 2 of [a @ 2, b, *n]; op conv(3); merge add }; out last(n) }\n"
    space = loads(HEAD + cell)
    rng = Random(4)
    paths = "f.n[1].from"
    counts: Counter[object] = Counter(space.sample(rng, weighted=True).assignment[paths] for _ in range(4000))
    assert abs(deviate(counts, {(0, 1): 2, (0, 2): 2, (1, 2): 1})) < 3


weights = st.lists(st.floats(0.1, 10), min_size=1, max_size=4).map(tuple)


@settings(max_examples=60, deadline=None)
@given(weights, st.sampled_from(["set", "order", "repeats"]), st.integers(0, 3), st.integers(0, 2**32))
def test_what_weights_draw_is_a_value(weights: tuple[float, ...], mode: Mode, most: int, seed: int) -> None:
    n = len(weights)
    most = most if mode == "repeats" else min(most, n)
    kernel = Choice("k", tuple(Written((str(i),)) for i in range(n)), None, weights)
    reads = tuple(Written(("conv(", 0, ")"), (kernel,)) for _ in range(most))
    subset = Subset("s", tuple(f"v{i}" for i in range(n)), 0, most, mode, reads, None, weights)
    for decision in (kernel, subset):
        value = decision.weighed(Random(seed))
        assert decision.contains(value)
        assert decision.unrank(decision.rank(value)) == value
