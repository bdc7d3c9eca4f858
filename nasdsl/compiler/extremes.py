"""The least and the most that the networks of a space cost: exact where that is proved, else bounds that say so.

A bound that a genotype meets is exact. So bounds are drawn first (`bounds`), then genotypes are led towards them, one
decision after another; a space of few genotypes is looked through where that does not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from nasdsl.compiler.bounds import Cost, UnboundedError, bounds
from nasdsl.compiler.judge import broken
from nasdsl.compiler.measures import every_test
from nasdsl.compiler.resolved import resolved
from nasdsl.diagnostics import NasdslError, error
from nasdsl.space.genotype import Genotype
from nasdsl.space.group import Decision, Group, Value, Values, unrank
from nasdsl.space.model import SearchSpace

MOST_ENUMERATED = 20_000
MOST_COSTED = 2_000
"""How many networks are costed to meet one bound."""
STARTS = 8
MOST_VAIN = 3
"""How many starts one after another may come to nothing better."""
MOST_WAYS = 64
"""How many alternatives of one decision are tried."""

Kind = Literal["exact", "bound", "found"]
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a range.

    `exact`: no valid genotype lies beyond `value`, and `genotype` has it. `bound`: none lies beyond it, and whether one
    has it is not known; the nearest that was found is `genotype`, which costs `reached`. `found`: the outmost of the
    genotypes that were looked at, and no bound is known.
    """

    value: int
    kind: Kind
    genotype: Genotype
    reached: int


@dataclass(frozen=True, slots=True)
class Range:
    low: End
    high: End

    @property
    def exact(self) -> bool:
        return self.low.kind == self.high.kind == "exact"


def space_range(space: SearchSpace, cost: Cost, told: Told | None = None) -> Range:
    """What the valid genotypes of a space cost at least and at most, on the net's own input.

    `told` is called with the number of networks costed so far. E0501 where no valid genotype is found.
    """
    if cost not in ("params", "macs"):
        raise ValueError(f"the range is of `params` or `macs`, not of {cost!r}")
    costing = Costing(space, cost, told)
    try:
        low, high = bounds(space, cost)
    except UnboundedError:
        low = high = None  # type: ignore[assignment]
    ends = (costing.towards(low, -1), costing.towards(high, 1))
    if space.size > MOST_ENUMERATED or all(end.kind == "exact" for end in ends):
        return Range(*ends)
    return costing.enumerated()


@dataclass
class Costing:
    """Costs genotypes of one space, and counts them."""

    space: SearchSpace
    cost: Cost
    told: Told | None
    costed: int = 0
    rng: Random = field(default_factory=lambda: Random(0))

    def __post_init__(self) -> None:
        self.constrained = any(every_test(self.space.skeleton))

    def of(self, genotype: Genotype) -> int | None:
        """What a genotype costs; None where it is dead, or its shapes do not fit."""
        self.costed += 1
        if self.told is not None:
            self.told(self.costed)
        try:
            network = resolved(genotype)
        except NasdslError:
            return None
        if network.dead:
            return None
        labels = [network.rows[row].label for row in network.live()]
        return sum(label.params if self.cost == "params" else label.macs for label in labels)

    def holds(self, genotype: Genotype) -> bool:
        return not self.constrained or broken(genotype) is None

    def enumerated(self) -> Range:
        """The ends of a space of which every genotype is costed."""
        low: tuple[int, Genotype] | None = None
        high: tuple[int, Genotype] | None = None
        for rank in range(self.space.size):
            genotype = self.space[rank]
            cost = self.of(genotype)
            if cost is None or (low and high and low[0] <= cost <= high[0]) or not self.holds(genotype):
                continue
            low = (cost, genotype) if low is None or cost < low[0] else low
            high = (cost, genotype) if high is None or cost > high[0] else high
        if low is None or high is None:
            raise error("E0501", f"none of the {self.space.size:,} genotypes of `{self.space.name}` is valid")
        ends = (End(cost, "exact", genotype, cost) for cost, genotype in (low, high))
        return Range(*ends)

    def towards(self, bound: int | None, sign: int) -> End:
        """One end: led there from several genotypes, until one meets the bound."""
        best: tuple[int, Genotype] | None = None
        self.rng.seed(0)
        most, vain = self.costed + MOST_COSTED, 0
        for start, genotype in enumerate(self.starts(sign)):
            found = Climb(self, sign, bound, most).run(genotype, backwards=start % 2 == 1)
            vain += 1
            if found is not None and (best is None or sign * found[0] > sign * best[0]):
                best, vain = found, 0
            if best is not None and (best[0] == bound or vain == MOST_VAIN or self.costed >= most):
                break
        if best is None:
            raise error("E0501", f"no valid genotype of `{self.space.name}` was found")
        reached, genotype = best
        if bound is None:
            return End(reached, "found", genotype, reached)
        return End(bound, "exact" if reached == bound else "bound", genotype, reached)

    def starts(self, sign: int) -> Iterator[Genotype]:
        """Alternatives are often written in ascending order, so the first and the last genotype are good to start."""
        space = self.space
        ends = [space[0], space[space.size - 1]][::-sign]
        yield from (genotype for genotype in ends if space.valid(genotype))
        for _ in range(STARTS):
            yield space.sample(self.rng)


@dataclass
class Climb:
    """Takes one decision after another as it costs most (`sign` 1) or least (-1), until none is better otherwise."""

    costing: Costing
    sign: int
    bound: int | None
    most: int

    def run(self, genotype: Genotype, *, backwards: bool) -> tuple[int, Genotype] | None:
        cost = self.costing.of(genotype)
        if cost is None:
            return None
        best = (cost, genotype)
        at = unchanged = 0
        places = self.places(best[1], backwards)
        while unchanged < len(places) and best[0] != self.bound and self.costing.costed < self.most:
            found = self.better(best, places[at % len(places)])
            at, unchanged = at + 1, unchanged + 1
            if found is not None:
                best, unchanged = found, 0
                places = self.places(best[1], backwards)
        return best

    def places(self, genotype: Genotype, backwards: bool) -> list[Place]:
        found = list(places(genotype.space.decisions, genotype.values))
        return found[::-1] if backwards else found

    def better(self, best: tuple[int, Genotype], place: Place) -> tuple[int, Genotype] | None:
        """The best of the ways to take the decision at a place; None where none is better than it is."""
        first, space = best, best[1].space
        for values in turned(space.decisions, best[1].values, place, self.costing.rng):
            genotype = Genotype(space, values)
            cost = self.costing.of(genotype)
            if cost is not None and self.sign * cost > self.sign * best[0] and self.costing.holds(genotype):
                best = cost, genotype
        return None if best is first else best


# The way to an active decision: its number in its group, then of the children of what stands above.
Place = tuple[int, ...]


def places(group: Group, values: Values) -> Iterator[Place]:
    """Every active decision that could be taken differently."""
    for i, (d, value) in enumerate(zip(group, values, strict=True)):
        if d.choices > 1:
            yield (i,)
        if d.bears:
            for j, (inner, children) in enumerate(d.children(value)):
                yield from ((i, j, *place) for place in places(inner, children))


def turned(group: Group, values: Values, place: Place, rng: Random) -> Iterator[Values]:
    """The values with the decision at a place taken differently, in as many ways as are tried."""
    i, *rest = place
    d, value = group[i], values[i]
    for new in below(d, value, rest, rng) if rest else ways(d, value, rng):
        yield (*values[:i], new, *values[i + 1 :])


def below(d: Decision, value: Value, place: Sequence[int], rng: Random) -> Iterator[Value]:
    j, *rest = place
    chosen, children = d.split(value)
    inner, values = d.children(value)[j]
    for changed in turned(inner, values, tuple(rest), rng):
        yield d.join(chosen, [*children[:j], changed, *children[j + 1 :]])


def ways(d: Decision, value: Value, rng: Random) -> Iterator[Value]:
    """Other own alternatives; what they newly bring along is taken first in its first way and then in its last."""
    own, count = d.index(d.chosen(value)), d.choices
    few = range(count) if count <= MOST_WAYS else [0, count - 1, *(rng.randrange(count) for _ in range(MOST_WAYS - 2))]
    for index in few:
        if index == own:
            continue
        chosen = d.alternative(index)
        kept: list[Any] = list(zip(d.brings(chosen), d.carry(value, chosen), strict=True))
        for last in (False, True):
            yield d.join(
                chosen,
                [unrank(w.decisions, (w.size - 1) * last) if values is None else values for w, values in kept],
            )
            if all(values is not None or w.size == 1 for w, values in kept):
                break
