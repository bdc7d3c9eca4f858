"""DEAP's toolbox for genotypes: its operators bound to one generator, nothing global, nothing changed in place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deap import base, tools

from nasdsl.evolve.history import Result
from nasdsl.evolve.problem import Problem


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


def toolbox(problem: Problem, rng: random.Random) -> base.Toolbox:
    """sample() and mutate(individual) make genotypes; choose, tournament and best select individuals."""
    box = base.Toolbox()
    box.register("sample", _sample, problem, rng)
    box.register("mutate", _mutate, problem, rng)
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


def _mutate(problem: Problem, rng: random.Random, individual: Individual) -> Any:
    # A space of one genotype has no neighbour to go to.
    return problem.mutate(problem.read(individual.code), rng) if problem.size > 1 else problem.sample(rng)
