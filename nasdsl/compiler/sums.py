"""What constraints that are sums over decisions add up to: exactly, without enumerating genotypes.

Every part of a sum counts where some decision is taken in some ways. So the tree of decisions can be folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product
from math import prod
from typing import Any, NamedTuple

from nasdsl.compiler.costs import costs
from nasdsl.compiler.folds import MOST_STEPS, Fold, FoldedGroup, Gain, Joint, Sums, Ways, added, less
from nasdsl.compiler.measures import COMPARISONS, looked_at
from nasdsl.compiler.tally import Both, Condition, Number, Place, UndecidedError, Walk
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision, Group, Values
from nasdsl.space.model import SearchSpace

MOST_PINNED = 256

Constraint = tuple[sk.Test, Place]


def ways(space: SearchSpace, constraints: Sequence[Constraint]) -> Ways:
    """For all values that the left sides less the right sides have together, the number of genotypes with them.

    Raises UndecidedError where they are no sums, or too many.
    """
    return Folding(space, constraints).all_ways()


def meets(constraints: Sequence[Constraint], sums: Sums) -> bool:
    return all(COMPARISONS[test.op](value, 0) for (test, _), value in zip(constraints, sums, strict=True))


class Case(NamedTuple):
    """The genotypes of some decisions in which `pinned` ones are taken as `owns`; all of them add `base`."""

    pinned: Sequence[Decision]
    owns: Sequence[Any]
    base: Sums
    folded: FoldedGroup

    @property
    def ways(self) -> Iterator[tuple[Sums, int]]:
        return ((added(sums, self.base), count) for sums, count in self.folded.ways.items())

    @property
    def decisions(self) -> Group:
        """The decisions, in the order of their values."""
        brought = sum(len(w.decisions) for d, own in zip(self.pinned, self.owns, strict=True) for w in d.brings(own))
        return (*self.folded.decisions[: len(self.folded.decisions) - brought], *self.pinned)

    def values(self, sums: Sums, index: int) -> Values:
        """A value for each decision: of those with these sums the one of a number."""
        values = self.folded.values(less(sums, self.base), index)
        if not self.pinned:
            return values
        made = list(values[: len(self.decisions) - len(self.pinned)])
        below = iter(values[len(made) :])
        for d, own in zip(self.pinned, self.owns, strict=True):
            made.append(d.join(own, [tuple(islice(below, len(w.decisions))) for w in d.brings(own)]))
        return tuple(made)


@dataclass
class Folding:
    """The sums of several constraints over one space."""

    space: SearchSpace
    constraints: Sequence[Constraint]
    most: int = MOST_STEPS
    steps: int = 0
    # The parts of the sums that each decision decides.
    gains: dict[int, list[Gain]] = field(default_factory=dict)
    # Those that decide a part, or stand above one that does.
    relevant: dict[int, Decision] = field(default_factory=dict)
    # Decisions that others depend on, by their paths: they are taken one way after another.
    pinned: dict[str, Decision] = field(default_factory=dict)
    # What several decisions of one group add together, where they are not pinned but looked at together.
    joint: list[Joint] = field(default_factory=list)
    joining: bool = False
    # The paths of the decisions at the top that any part of a sum asks.
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.top = {d.path: d for d in self.space.decisions}
        if Folding not in self.space.memory:
            self.space.memory[Folding] = ({}, {})
            self._remember(self.space.decisions, *self.space.memory[Folding])
        self.decisions: Mapping[str, Decision]
        # The decisions that stand above each.
        self.above: Mapping[int, Decision]
        self.decisions, self.above = self.space.memory[Folding]
        self.zero: Sums = (0,) * len(self.constraints)

    def _remember(self, group: Iterable[Decision], known: dict[str, Decision], above: dict[int, Decision]) -> None:
        """All decisions of the space, once for all foldings of it."""
        for d in group:
            known[d.path] = d
            for w in d.below:
                above.update({id(inner): d for inner in w.decisions})
                self._remember(w.decisions, known, above)

    @cached_property
    def roots(self) -> frozenset[str]:
        """The paths of the decisions at the top that the sums depend on."""
        try:
            self.all_parts({})
        except UndecidedError as reason:
            self.join(reason)
        return frozenset(self.asked)

    def join(self, reason: UndecidedError) -> None:
        """Look at decisions of one group together instead of pinning them; raises the reason where there are none."""
        self.pinned, self.joining = {}, True
        self.all_parts({})
        if not self.joint:
            raise reason

    def all_ways(self) -> Ways:
        found: Ways = {}
        for case in self.cases(self.space.decisions):
            for sums, count in case.ways:
                found[sums] = found.get(sums, 0) + count
        return found

    def cases(self, decisions: Group) -> list[Case]:
        """The genotypes of decisions at the top, `roots` among them, with their sums."""
        try:
            return self._cases(decisions)
        except UndecidedError as reason:
            self.join(reason)
            return self._cases(decisions)

    def _cases(self, decisions: Group) -> list[Case]:
        # The first walk finds what is pinned.
        self.all_parts({})
        for _ in range(len(self.top) + 1):
            before = dict(self.pinned)
            found = []
            for owns in self._answers():
                pinned = list(before.values())
                base = self.all_parts(dict(zip(before, owns, strict=True)))
                if len(self.pinned) > len(before):
                    break
                group = [d for d in decisions if d.path not in before]
                group += [
                    d for top, own in zip(pinned, owns, strict=True) for w in top.brings(own) for d in w.decisions
                ]
                fold = Fold(self.zero, self.gains, self.joint, self.relevant, self.most, self.steps)
                try:
                    found.append(Case(pinned, owns, base, fold.group(tuple(group))))
                finally:
                    self.steps = fold.steps
            if len(self.pinned) == len(before):
                return found
        raise UndecidedError("pinned")

    def _answers(self) -> Iterator[tuple[Any, ...]]:
        if prod(d.choices for d in self.pinned.values()) > MOST_PINNED:
            raise UndecidedError("pinned")
        return product(*([d.alternative(i) for i in range(d.choices)] for d in self.pinned.values()))

    def all_parts(self, answers: dict[str, Any]) -> Sums:
        """Find what each decision adds, and return what is added in any case."""
        self.gains, self.joint, self.relevant = {}, [], {}
        base: list[Number] = list(self.zero)
        for c, (test, place) in enumerate(self.constraints):
            walk = Walk(self.space.skeleton, answers, self.decisions)
            for number, times in ((test.left, 1), (test.right, -1)):
                with walk.scaled(times):
                    self.number(walk, number, place)
            for conditions, amount in walk.found:
                if not isinstance(amount, int):
                    raise UndecidedError("fractions")
                kept = self.independent(conditions)
                self.asked.update(self._line(d)[-1].path for d, _ in kept)
                if not kept:
                    base[c] += amount
                elif len(kept) == 1:
                    ((decision, holds),) = kept
                    self.gains.setdefault(id(decision), []).append((holds, c, amount))
                    self.relevant.update({id(d): d for d in self._line(decision)})
                elif self.joining and len({id(self.above.get(id(d))) for d, _ in kept}) == 1:
                    self.joint.append(({id(d): holds for d, holds in kept}, c, amount))
                    self.relevant.update({id(up): up for d, _ in kept for up in self._line(d)})
                else:
                    # The last one need not stand at the top.
                    self.pin(sorted((d for d, _ in kept), key=lambda d: self.top.get(d.path) is not d)[:-1])
        return tuple(base)

    def pin(self, decisions: Iterable[Decision]) -> None:
        for d in decisions:
            if self.top.get(d.path) is not d:
                raise UndecidedError(d.path)
            self.pinned[d.path] = d

    def number(self, walk: Walk, number: sk.Number, place: Place) -> None:
        """Adds one side of a comparison."""
        match number:
            case sk.Measure():
                if number.name == "depth" and isinstance(place, sk.Graph):
                    raise UndecidedError("depth")
                if number.name in ("params", "macs"):
                    self.cost(walk, number.name)
                else:
                    walk.measure(number, place)
            case sk.Arithmetic(op="+" | "-"):
                self.number(walk, number.left, place)
                with walk.scaled(1 if number.op == "+" else -1):
                    self.number(walk, number.right, place)
            case sk.Arithmetic(op="*", left=sk.Const(value=int(by)), right=other):
                with walk.scaled(by):
                    self.number(walk, other, place)
            case sk.Arithmetic(op="*", left=other, right=sk.Const(value=int(by))):
                with walk.scaled(by):
                    self.number(walk, other, place)
            case _ if any(looked_at(number)):
                raise UndecidedError("a product of measures")
            case _:
                walk.number(number)

    def cost(self, walk: Walk, name: str) -> None:
        """Adds what a network costs."""
        for cost in costs(self.space):
            if all(holds(walk.answers[d.path]) for d, holds in cost.conditions if d.path in walk.answers):
                left = tuple(each for each in cost.conditions if each[0].path not in walk.answers)
                walk.found.append((left, walk.times * (cost.params if name == "params" else cost.macs)))

    def independent(self, conditions: tuple[Condition, ...]) -> list[Condition]:
        """The conditions without those that others imply: a decision is there only where those above it are."""
        implied = {id(up) for d, _ in conditions for up in self._line(d)[1:]}
        merged: dict[int, Condition] = {}
        for d, holds in conditions:
            if id(d) in merged:
                _, first = merged[id(d)]
                merged[id(d)] = d, Both(first, holds)
            elif id(d) not in implied:
                merged[id(d)] = d, holds
        return list(merged.values())

    def _line(self, d: Decision) -> list[Decision]:
        """A decision and those above it."""
        line = [d]
        while id(line[-1]) in self.above:
            line.append(self.above[id(line[-1])])
        return line
