"""Sampling, mutation and crossing are as uniform as they say; fixed seeds, so that a verdict does not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import replace
from random import Random

import pytest

from nasdsl.diagnostics import NasdslError
from nasdsl.space.model import Fault, SearchSpace


def chi_square(drawn: Iterable[Hashable], outcomes: int) -> float:
    """The statistic of equal probabilities as a normal deviate (Wilson and Hilferty, 1931)."""
    counts = Counter(drawn)
    expected = counts.total() / outcomes
    assert len(counts) <= outcomes
    missing = (outcomes - len(counts)) * expected
    statistic = missing + sum((n - expected) ** 2 / expected for n in counts.values())
    freedom = outcomes - 1
    spread = 2 / (9 * freedom)
    return float(((statistic / freedom) ** (1 / 3) - (1 - spread)) / spread**0.5)


def test_samples_are_uniform_over_conditional_genotypes(conditional: SearchSpace) -> None:
    rng = Random(1)
    assert abs(chi_square((conditional.sample(rng) for _ in range(16_200)), 81)) < 3


def test_the_test_would_see_a_skewed_sampler(conditional: SearchSpace) -> None:
    rng = Random(1)

    def by_decision() -> str:
        # Each decision drawn for itself: `skip` in a third of the samples instead of a ninth.
        alternative = rng.randrange(3)
        return conditional[[0, 9, 27][alternative] + rng.randrange([9, 18, 54][alternative])].code

    assert chi_square((by_decision() for _ in range(16_200)), 81) > 10


def test_samples_are_uniform_over_what_is_valid(conditional: SearchSpace) -> None:
    valid = replace(conditional, fault=lambda g: None if g.rank % 3 == 0 else Fault("odd"))
    rng = Random(2)
    drawn = [valid.sample_counted(rng) for _ in range(5400)]
    assert abs(chi_square((g for g, _ in drawn), 27)) < 3
    assert sum(tries for _, tries in drawn) / 5400 == pytest.approx(3, rel=0.05)


def test_a_space_without_a_valid_genotype_gives_up(conditional: SearchSpace) -> None:
    with pytest.raises(NasdslError, match="E0501: none of 10,000 samples of `conditional`"):
        replace(conditional, fault=lambda g: Fault("it is odd")).sample(Random(0))


def test_a_mutation_draws_the_decision_and_then_its_alternative(conditional: SearchSpace) -> None:
    rng = Random(3)
    start = conditional[27]
    assert dict(start.assignment) == {"net.s": 2, "net.s.conv.act": 0, "net.s.conv.e": 0, "net.n.from": ()}
    mutants = [start.mutate(rng) for _ in range(8000)]
    changed = [next(p for p, own in start.assignment.items() if m.assignment.get(p) != own) for m in mutants]
    assert abs(chi_square(changed, 4)) < 3
    steps = [m.assignment["net.s"] for m, path in zip(mutants, changed, strict=True) if path == "net.s"]
    assert abs(chi_square(steps, 2)) < 3
    kernels = [m.assignment["net.s.k"] for m in mutants if m.assignment["net.s"] == 1]
    assert abs(chi_square(kernels, 2)) < 3
    sources = [m.assignment["net.n.from"] for m, path in zip(mutants, changed, strict=True) if path == "net.n.from"]
    assert abs(chi_square(sources, 3)) < 3


def test_a_cross_draws_each_decision_from_either_parent(hierarchical: SearchSpace) -> None:
    left, right = hierarchical[0], hierarchical[hierarchical.size - 1]
    rng = Random(4)
    from_left = sum(v[0] == 0 for _ in range(500) for v in left.cross(right, rng).values)
    assert from_left / (46 * 500) == pytest.approx(0.5, abs=0.015)
