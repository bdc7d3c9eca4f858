"""DEAP's toolbox for genotypes: its operators bound to one generator, nothing global, nothing changed in place."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deap import base, tools

from nasdsl.diagnostics import NasdslError
from nasdsl.evolve.history import Result
from nasdsl.evolve.problem import Problem
from nasdsl.evolve.settings import RunSettings

Drawn = tuple[tuple[int, ...], Any]
"""Parents' numbers and a genotype."""


class Accuracy(base.Fitness):  # type: ignore[misc]
    """One objective, to be maximised. A failed candidate has no values, which DEAP ranks below every value."""

    weights = (1.0,)


@dataclass(frozen=True, slots=True)
class Individual:
    """A told proposal as DEAP's selection reads it. `code` is the genotype's."""

    n: int
    code: str
    alias: int | None
    fitness: Accuracy

    @classmethod
    def of(cls, code: str, alias: int | None, result: Result) -> Individual:
        fitness = Accuracy() if result.score is None else Accuracy((result.score,))
        return cls(result.n, code, alias, fitness)


def toolbox(problem: Problem, settings: RunSettings, rng: random.Random) -> base.Toolbox:
    """sample() makes a genotype and breed(parent) a child; choose, tournament and best select individuals."""
    box = base.Toolbox()
    box.register("sample", _sample, problem, rng)
    box.register("breed", _breed, problem, settings, rng)
    box.register("choose", rng.choice)
    box.register("tournament", tournament, rng=rng)
    box.register("best", tools.selBest)
    return box


def tournament(individuals: Sequence[Individual], size: int, *, rng: random.Random, again: bool) -> Individual:
    """The best of `size` drawn ones, with replacement if `again`; the earliest of equals.

    DEAP's own selTournament draws from the global generator, which a run may not touch.
    """
    pool = rng.choices(individuals, k=size) if again else rng.sample(individuals, min(size, len(individuals)))
    return max(pool, key=lambda each: (each.fitness, -each.n))


def _sample(problem: Problem, rng: random.Random) -> Any:
    return problem.sample(rng)


def _breed(problem: Problem, settings: RunSettings, rng: random.Random, parent: Callable[[], Individual]) -> Drawn:
    """A mutant of a parent; or, as often as the settings say, what two of them give."""
    one = parent()
    # Nothing is drawn for a crossover that never comes.
    if settings.crossover and rng.random() < settings.crossover:
        other = parent()
        child = problem.cross(problem.read(one.code), problem.read(other.code), settings.crossing, rng)
        return (one.n, other.n), child
    # A space of one genotype has no neighbour to go to.
    if problem.size == 1:
        return (one.n,), problem.sample(rng)
    try:
        return (one.n,), problem.mutate(problem.read(one.code), settings.mutation, rng)
    except NasdslError as found:
        if found.diagnostics[0].code != "E0521":
            raise
        # Others of the space have what this mutation changes: `suits` was asked before the run.
        return (), problem.sample(rng)
