"""Who is proposed next: each strategy is a pure function of what was told before.

`propose` is the whole rule. A strategy says from how many results proposal n is computed (`horizon`), and draws one
genotype with its parents (`draw`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from deap import base

from nasdsl.evolve.history import Proposal
from nasdsl.evolve.problem import Candidate, Problem
from nasdsl.evolve.settings import RunSettings
from nasdsl.evolve.toolbox import Drawn, Individual, toolbox

REDRAWS = 50


class Strategy(Protocol):
    def horizon(self, n: int) -> int:
        """How many of the first results proposal `n` is computed from; they are told before it is proposed."""

    def draw(self, n: int, told: Sequence[Individual], box: base.Toolbox) -> Drawn:
        """Parents' numbers and a genotype, from exactly the results of the horizon."""


@dataclass(frozen=True)
class Random:
    """Uniform over the genotypes."""

    window: int

    def horizon(self, n: int) -> int:
        return max(0, n - self.window + 1)

    def draw(self, n: int, told: Sequence[Individual], box: base.Toolbox) -> Drawn:
        return (), box.sample()


@dataclass(frozen=True)
class Aging:
    """Regularized evolution (Real et al., 2019, algorithm 1): the best of a sample is mutated, the oldest dies."""

    window: int
    population: int
    sample: int

    def horizon(self, n: int) -> int:
        return max(0, n - self.window + 1)

    def draw(self, n: int, told: Sequence[Individual], box: base.Toolbox) -> Drawn:
        if n < self.population or not told:
            return (), box.sample()
        return box.breed(lambda: box.tournament(told[-self.population :], self.sample, again=True))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Tournament:
    """Hierarchical representations (Liu et al., 2018, section 3.2): nothing dies; 5 % of the population compete."""

    window: int
    population: int
    sample: int | None

    def horizon(self, n: int) -> int:
        return max(0, n - self.window + 1)

    def draw(self, n: int, told: Sequence[Individual], box: base.Toolbox) -> Drawn:
        if n < self.population or not told:
            return (), box.sample()
        size = self.sample or max(2, round(0.05 * len(told)))
        return box.breed(lambda: box.tournament(told, size, again=False))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Mutation:
    """(mu + lambda): each generation of `offspring` mutants waits for all before it; the best `population` breed.

    The best mu of parents and children, taken generation after generation, are the best mu of all so far.
    """

    window: int
    population: int
    offspring: int

    def horizon(self, n: int) -> int:
        if n < self.population:
            return 0
        return n - (n - self.population) % self.offspring

    def draw(self, n: int, told: Sequence[Individual], box: base.Toolbox) -> Drawn:
        if n < self.population:
            return (), box.sample()
        # An alias is no second individual: it would crowd the others out.
        best = box.best([each for each in told if each.alias is None], self.population)
        return box.breed(lambda: box.choose(best))  # type: ignore[no-any-return]


def strategy(settings: RunSettings) -> Strategy:
    """The strategy of settled settings."""
    window, population = settings.inflight, settings.population or 1
    made: dict[str, Callable[[], Strategy]] = {
        "random": lambda: Random(window),
        "aging": lambda: Aging(window, population, settings.sample or 2),
        "tournament": lambda: Tournament(window, population, settings.sample),
        "mutation": lambda: Mutation(window, population, settings.offspring or population),
    }
    return made[settings.strategy]()


def propose(
    problem: Problem,
    settings: RunSettings,
    told: Sequence[Individual],
    proposals: Sequence[Proposal],
    seen: Mapping[str, int],
    rng: random.Random,
) -> Proposal:
    """Proposal number len(proposals), from exactly `told` (the results of its horizon).

    `seen` maps the keys of `proposals` to their first numbers. What was seen, pending or not, or can be no network, is
    drawn again from the same generator at most 50 times; then the last is kept, as an alias if it was seen.
    """
    n, rule, box = len(proposals), strategy(settings), toolbox(problem, settings, rng)
    draws = duplicates = 0
    while draws <= REDRAWS:
        draws += 1
        parents, genotype = rule.draw(n, told, box)
        candidate = problem.candidate(genotype)
        duplicates += candidate.key in seen
        if candidate.key not in seen and not candidate.fault:
            break
    return Proposal(
        n=n,
        parents=parents,
        code=problem.code(genotype),
        text=problem.text(genotype),
        key=candidate.key,
        alias=seen.get(candidate.key),
        draws=draws,
        duplicates=duplicates,
        params=candidate.params,
        macs=candidate.macs,
        ops=candidate.ops,
        fault=candidate.fault or _over(candidate, settings),
    )


def _over(candidate: Candidate, settings: RunSettings) -> str:
    if settings.max_macs is not None and candidate.macs > settings.max_macs:
        return f"over the limit: {candidate.macs:,} multiply-adds, at most {settings.max_macs:,}"
    if settings.max_params is not None and candidate.params > settings.max_params:
        return f"over the limit: {candidate.params:,} parameters, at most {settings.max_params:,}"
    return ""
