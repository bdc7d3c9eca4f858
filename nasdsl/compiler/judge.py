"""Whether a genotype is valid, quickly: what can be told from its decisions is prepared once for each space.

Constraints that are sums are read off decision by decision, and a dead output is told without a network; see `alive`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from copy import copy
from typing import Any

from nasdsl.compiler.alive import Liveness
from nasdsl.compiler.frame import value
from nasdsl.compiler.measures import Judged, every_test, of_network, shown, unmet
from nasdsl.compiler.sums import Constraint, Folding
from nasdsl.compiler.tally import NOWHERE, Condition, Holds, Number, Place, UndecidedError, Walk
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import Fault, SearchSpace

DEAD = Fault("nothing reaches `out`")
MOST_KEPT = 10_000

Side = Callable[[Mapping[str, Any]], Number]
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv,
}  # fmt: skip
_ABSENT = object()


def fault(genotype: Genotype) -> Fault | None:
    """Why a genotype is not valid: a constraint that does not hold, or an output that nothing reaches."""
    return judge(genotype.space).fault(genotype)


def broken(genotype: Genotype) -> Fault | None:
    """The first constraint that does not hold; whether the output is alive plays no part."""
    return judge(genotype.space).fault(genotype, may_be_dead=True)


def judge(space: SearchSpace) -> Judge:
    """The judge of a space, made once."""
    if Judge not in space.memory:
        space.memory[Judge] = Judge(space)
    known = space.memory[Judge]
    assert isinstance(known, Judge)
    return known


class Judge:
    def __init__(self, space: SearchSpace) -> None:
        self.liveness = Liveness(space)
        preparing = Preparing(space)
        # What takes the network to tell comes last.
        self.late: list[Constraint] = []
        # With both sides as they are read off, None where they are no sums.
        self.early: list[tuple[Constraint, tuple[Side, Side] | None]] = []
        for test, place in every_test(space.skeleton):
            if of_network(test):
                self.late.append((test, place))
            else:
                self.early.append(((test, place), preparing.sides(test, place)))

    def but_for(self, met: Collection[Constraint]) -> Judge:
        """A judge of genotypes that are known to meet some of the constraints."""
        made = copy(self)
        made.early = [each for each in self.early if not any(each[0] is known for known in met)]
        made.late = [each for each in self.late if not any(each is known for known in met)]
        return made

    @property
    def constraints(self) -> list[Constraint]:
        return [*(constraint for constraint, _ in self.early), *self.late]

    def fault(self, genotype: Genotype, *, may_be_dead: bool = False) -> Fault | None:
        for constraint, sides in self.early:
            found = Judged(genotype).broken(*constraint) if sides is None else self.unmet(genotype, *constraint, sides)
            if found is not None:
                return found
        if not may_be_dead and self.liveness.dead(genotype):
            return DEAD
        if not self.late:
            return None
        judged = Judged(genotype)
        return next((found for each in self.late if (found := judged.broken(*each)) is not None), None)

    def unmet(self, genotype: Genotype, test: sk.Test, place: Place, sides: tuple[Side, Side]) -> Fault | None:
        chosen = genotype.assignment
        try:
            left, right = sides[0](chosen), sides[1](chosen)
        except ZeroDivisionError:
            return Fault(f"{shown(test, place)} does not hold", "it divides by zero")
        return unmet(test, place, left, right)


# ---- preparation ---------------------------------------------------------------------------------


class Preparing:
    """Makes of the sides of a comparison what reads their values off the decisions of a genotype."""

    def __init__(self, space: SearchSpace) -> None:
        self.skeleton: sk.Skeleton = space.skeleton
        self.folding = Folding(space, ())

    def sides(self, test: sk.Test, place: Place) -> tuple[Side, Side] | None:
        """None where a side is no sum over decisions."""
        try:
            return self.side(test.left, place), self.side(test.right, place)
        except UndecidedError:
            return None

    def side(self, number: sk.Number, place: Place) -> Side:
        match number:
            case sk.Arithmetic():
                return Calculated(_OPERATORS[number.op], self.side(number.left, place), self.side(number.right, place))
            case sk.Measure():
                if number.name == "depth" and isinstance(place, sk.Graph):
                    raise UndecidedError("depth")
                walk = Walk(self.skeleton, {}, self.folding.decisions)
                walk.measure(number, place)
                return Total([(self.folding.independent(conditions), amount) for conditions, amount in walk.found])
        return Plain(number)


class Plain:
    """A number that is no measure."""

    def __init__(self, number: sk.Number) -> None:
        self.number = number

    def __call__(self, chosen: Mapping[str, Any]) -> Number:
        found = value(self.number, NOWHERE, chosen)
        assert isinstance(found, int | float)
        return found


class Calculated:
    def __init__(self, op: Callable[[Any, Any], Any], left: Side, right: Side) -> None:
        self.op, self.left, self.right = op, left, right

    def __call__(self, chosen: Mapping[str, Any]) -> Number:
        return self.op(self.left(chosen), self.right(chosen))  # type: ignore[no-any-return]


class Total:
    """A sum over decisions."""

    def __init__(self, parts: list[tuple[list[Condition], Number]]) -> None:
        # What is added in any case, by what one decision is, and where several hold.
        self.base: Number = 0
        self.gains: dict[str, Gains] = {}
        self.joint: list[tuple[list[tuple[str, Holds]], Number]] = []
        for conditions, amount in parts:
            named = [(d.path, holds) for d, holds in conditions]
            if not named:
                self.base += amount
            elif len(named) == 1:
                ((path, holds),) = named
                self.gains.setdefault(path, Gains()).parts.append((holds, amount))
            else:
                self.joint.append((named, amount))

    def __call__(self, chosen: Mapping[str, Any]) -> Number:
        total = self.base
        for path, gains in self.gains.items():
            own = chosen.get(path, _ABSENT)
            if own is not _ABSENT:
                total += gains.of(own)
        for named, amount in self.joint:
            if all(path in chosen and holds(chosen[path]) for path, holds in named):
                total += amount
        return total


class Gains:
    """What the own alternatives of one decision add."""

    def __init__(self) -> None:
        self.parts: list[tuple[Holds, Number]] = []
        self.known: dict[Any, Number] = {}

    def of(self, own: Any) -> Number:
        found = self.known.get(own)
        if found is None:
            found = sum(amount for holds, amount in self.parts if holds(own))
            if len(self.known) < MOST_KEPT:
                self.known[own] = found
        return found
