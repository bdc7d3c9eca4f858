"""From mixing weights back to a genotype: any weights at all give a member of the space.

Each decision takes what weighs most in its rows, as `nasdsl.compiler.mixtures` tells for each kind. Where the genotype
of these is not valid, the valid one is taken that is nearest: whose summed log-weight is the largest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any

from nasdsl.compiler.mixtures import NOWHERE, Edges, Mixture, Reader, Rows, Weights
from nasdsl.compiler.onehot import made
from nasdsl.compiler.ranking import Ranked, nested, sums
from nasdsl.compiler.selections import mixture
from nasdsl.compiler.tables import Row
from nasdsl.diagnostics import NasdslError, error
from nasdsl.space.genotype import Genotype
from nasdsl.space.group import Decision, Group, Values
from nasdsl.space.model import SearchSpace

__all__ = ["genotype", "score"]

MOST = 20_000
"""How many genotypes are looked at, in ascending order of what they cost, for one that is valid."""

FIRST = 200  # before a valid one is made from samples, to know how far to look
STARTS = 4  # samples from which that is tried
MENDED = 1_000  # ways to decide one place, or two decisions, that are looked at
NOTHING = 1e-9  # what rounding can make of no difference
MENDINGS = 10_000  # genotypes that are looked at to mend one


def genotype(
    space: SearchSpace,
    rows: Sequence[Row],
    weights: Weights,
    *,
    edges: Edges | None = None,
    rng: Random | None = None,
    valid: bool = True,
    most: int = MOST,
) -> Genotype:
    """The genotype that the weights stand for, always one of the space.

    `weights` are by table, of shape (rows, columns); columns need not sum to 1, and a weight counts as 1e-30 at least.
    `edges` has the weights of edges by table, of shape (rows,), where the method has them (PC-DARTS).

    With `valid` it is a valid one: the valid genotype of the largest `score` among the best `most`, and where these
    hold none, the best that is found from samples that `rng` draws (without one, always the same samples). Raises
    E0940 where no valid genotype is found at all, E0941 where a weight is no number.
    """
    ranking = Ranking(Rows(rows, weights, edges))
    first = ranking.group(space.decisions).get(0)
    assert first is not None
    best = space.genotype(first[1])
    if not valid or space.valid(best):
        return best
    return Nearest(space, ranking, rng or Random(0), most).found()


def score(
    space: SearchSpace, rows: Sequence[Row], weights: Weights, genotype: Genotype, *, edges: Edges | None = None
) -> float:
    """How near a genotype is to the weights: its summed log-weight less that of the best of each of its decisions.

    0 for the genotype that the weights stand for, less than 0 for others. A decision that a genotype does not make
    plays no part, so one that decides more is not further for it. Raises E0941 where a weight is no number.
    """
    found = made(Rows(rows, weights, edges), space.decisions, genotype.values)
    return 0.0 - sum(more(taken, chosen) for taken, chosen in found)


def more(taken: Mixture, chosen: Any) -> float:
    """What an alternative costs more than the best of its decision."""
    return max(taken.cost(chosen) - taken.cost(taken.best()), 0.0)


class Ranking:
    """The values of decisions in ascending order of what they cost more than the best, made as far as asked for."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._known: dict[tuple[int, Reader], Ranked[Any]] = {}

    def group(self, group: Group, reader: Reader = NOWHERE) -> Ranked[Any]:
        return Ranked(sums([self.decision(d, reader) for d in group]))

    def decision(self, decision: Decision, reader: Reader) -> Ranked[Any]:
        """Made once for each place, however many alternatives bring it along."""
        key = (id(decision), reader)
        if key not in self._known:
            self._known[key] = Ranked(self.values(decision, reader))
        return self._known[key]

    def values(self, decision: Decision, reader: Reader) -> Iterator[tuple[float, Any]]:
        own = mixture(self.rows, decision, reader)

        def below(chosen: Any) -> Ranked[tuple[object, ...]]:
            return Ranked(sums([self.group(inner, at) for inner, at in own.brings(chosen)]))

        for cost, (chosen, children) in nested(alone(own), below):
            yield cost, decision.join(chosen, children)  # type: ignore[arg-type]


def alone(own: Mixture) -> Iterator[tuple[float, Any]]:
    """The own alternatives of a decision, each with what it costs more than the best."""
    ways = own.ways()
    best = next(ways)
    yield 0.0, best
    least = own.cost(best)
    for chosen in ways:
        yield max(own.cost(chosen) - least, 0.0), chosen


class Nearest:
    """The search for the valid genotype that costs least, where the best of each decision are none together."""

    def __init__(self, space: SearchSpace, ranking: Ranking, rng: Random, most: int) -> None:
        self.space, self.ranking, self.rng, self.most = space, ranking, rng, most
        self._costs: dict[tuple[int, Any], float] = {}

    def valid(self, values: Values) -> bool:
        return self.space.valid(Genotype(self.space, values))

    def found(self) -> Genotype:
        """Genotypes in ascending order of cost until one is valid, or costs what the best mended sample does.

        Raises E0940 where neither looking nor sampling finds a valid one.
        """
        ahead = iter(self.ranking.group(self.space.decisions))
        first = self.looked(islice(ahead, min(FIRST, self.most)), None)
        if first is not None:
            return self.space.genotype(first[1])
        known, unlike = None, None
        try:
            samples = [self.space.sample(self.rng).values for _ in range(STARTS)]
        except NasdslError as mistake:
            unlike = mistake
        else:
            known = self.exchanged(min(map(self.mended, samples), key=self.total))
        best = self.looked(islice(ahead, max(self.most - FIRST, 0)), known) or known
        if best is None:
            raise error(
                "E0940", f"the weights stand for no valid genotype of `{self.space.name}`, and none is found near them",
                notes=tuple(note for d in unlike.diagnostics for note in (d.message, *d.notes)) if unlike else (),
                helps=("loosen a `require`",),
            ) from unlike  # fmt: skip
        return self.space.genotype(best[1])

    def looked(
        self, ahead: Iterable[tuple[float, Values]], known: tuple[float, Values] | None
    ) -> tuple[float, Values] | None:
        """The first valid ones that cost less than those known."""
        for cost, values in ahead:
            if known is not None and cost >= known[0] - NOTHING:
                return None
            if self.valid(values):
                return cost, values
        return None

    def mended(self, values: Values) -> Values:
        """A valid genotype made from one, of which no place can be decided better; the worst comes first.

        A place is what stands in one pair of braces of the genotype's text, such as a node.
        """
        budget = iter(range(MENDINGS))
        before = None
        while before != values:
            before = values
            for place in self.worst(self.places, values):
                values = self.better(place, values, budget) or values
        return values

    def exchanged(self, values: Values) -> tuple[float, Values]:
        """A mended genotype of which no two decisions can be taken better together, with its cost."""
        budget = iter(range(MENDINGS))
        single = [(i,) for i in range(len(values))]
        while True:
            worst = self.worst(single, values)
            pairs = (p + q for i, p in enumerate(worst) for q in single if q not in worst[: i + 1])
            changed = next(filter(None, (self.better(pair, values, budget) for pair in pairs)), None)
            if changed is None:
                return self.total(values), values
            values = self.mended(changed)

    def worst(self, places: Sequence[tuple[int, ...]], values: Values) -> list[tuple[int, ...]]:
        """The places that are not decided in the best way, those that cost most first."""
        return sorted((p for p in places if self.cost(p, values) > 0), key=lambda p: -self.cost(p, values))

    def total(self, values: Values) -> float:
        return self.cost(range(len(values)), values)

    @cached_property
    def places(self) -> list[tuple[int, ...]]:
        """The decisions of each place, by their numbers."""
        found: dict[str, list[int]] = {}
        at = 0
        for entry in self.space.entries:
            found.setdefault(entry.path, []).extend(range(at, at + len(entry.decisions)))
            at += len(entry.decisions)
        return [tuple(place) for place in found.values()]

    def better(self, place: tuple[int, ...], values: Values, budget: Iterator[int]) -> Values | None:
        """The values with the cheapest valid ones at a place, where they cost less than those there."""
        now = self.cost(place, values)
        ways = sums([self.ranking.decision(self.space.decisions[i], NOWHERE) for i in place])
        for cost, own in islice(ways, MENDED):
            if cost >= now - NOTHING or next(budget, None) is None:
                return None
            changed = list(values)
            for i, value in zip(place, own, strict=True):
                changed[i] = value
            if self.valid(tuple(changed)):
                return tuple(changed)
        return None

    def cost(self, place: Iterable[int], values: Values) -> float:
        """What the values of a place cost more than the best."""
        return sum(self.costs(i, values[i]) for i in place)

    def costs(self, number: int, value: Any) -> float:
        key = number, value
        if key not in self._costs:
            found = made(self.ranking.rows, self.space.decisions[number : number + 1], (value,))
            self._costs[key] = sum(more(taken, chosen) for taken, chosen in found)
        return self._costs[key]
