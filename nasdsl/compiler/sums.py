"""How many genotypes meet constraints that are sums over decisions: exactly, without enumerating genotypes.

Every part of a sum counts where some decision is taken in some ways. So the tree of decisions is folded from its
leaves: for each decision the sums that its values can have, and how many values have each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from nasdsl.compiler.measures import COMPARISONS, looked_at
from nasdsl.compiler.tally import Condition, Number, Place, UndecidedError, Walk
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision, Group, Written
from nasdsl.space.model import SearchSpace

MOST_SUMS = 20_000
MOST_STEPS = 2_000_000
MOST_ALTERNATIVES = 20_000
MOST_PINNED = 256

Constraint = tuple[sk.Test, Place]
Sums = tuple[Number, ...]
Ways = dict[Sums, int]


def ways(space: SearchSpace, constraints: Sequence[Constraint]) -> Ways:
    """For all values that the left sides less the right sides have together, the number of genotypes with them.

    Raises UndecidedError where they are no sums, or too many.
    """
    folding = Folding(space, constraints)
    return folding.all_ways()


def meets(constraints: Sequence[Constraint], sums: Sums) -> bool:
    return all(COMPARISONS[test.op](value, 0) for (test, _), value in zip(constraints, sums, strict=True))


@dataclass
class Folding:
    """The sums of several constraints over one space."""

    space: SearchSpace
    constraints: Sequence[Constraint]
    most: int = MOST_STEPS
    steps: int = 0
    # The decisions that stand above each, and the parts of the sums that each decides.
    above: dict[int, Decision] = field(default_factory=dict)
    gains: dict[int, list[tuple[Any, int, Number]]] = field(default_factory=dict)
    # Those that decide a part, or stand above one that does.
    relevant: dict[int, Decision] = field(default_factory=dict)
    known: dict[tuple[int, ...], Ways] = field(default_factory=dict)
    # Decisions that others depend on, by their paths: they are taken one way after another.
    pinned: dict[str, Decision] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.top = {d.path: d for d in self.space.decisions}
        self.decisions: dict[str, Decision] = {}
        self._descend(self.space.decisions)
        self.zero: Sums = (0,) * len(self.constraints)

    def _descend(self, group: Iterable[Decision]) -> None:
        for d in group:
            self.decisions[d.path] = d
            for w in d.below:
                self.above.update({id(inner): d for inner in w.decisions})
                self._descend(w.decisions)

    @cached_property
    def roots(self) -> frozenset[str]:
        """The paths of the decisions at the top that the sums depend on."""
        self.all_parts({})
        return frozenset(self._line(d)[-1].path for d in self.relevant.values()) | frozenset(self.pinned)

    def all_ways(self) -> Ways:
        # The first walk finds what is pinned.
        self.all_parts({})
        for _ in range(len(self.top)):
            before = len(self.pinned)
            found: Ways = {}
            for answers in self._answers():
                base = self.all_parts(answers)
                if len(self.pinned) > before:
                    break
                group = [d for d in self.space.decisions if d.path not in answers]
                for path, own in answers.items():
                    group += [d for w in self.pinned[path].brings(own) for d in w.decisions]
                for sums, count in self.shifted(self.group(tuple(group)), base).items():
                    found[sums] = found.get(sums, 0) + count
            if len(self.pinned) == before:
                return found
        raise UndecidedError("pinned")

    def _answers(self) -> Iterator[dict[str, Any]]:
        if prod(d.choices for d in self.pinned.values()) > MOST_PINNED:
            raise UndecidedError("pinned")
        for owns in product(*([d.alternative(i) for i in range(d.choices)] for d in self.pinned.values())):
            yield dict(zip(self.pinned, owns, strict=True))

    def all_parts(self, answers: dict[str, Any]) -> Sums:
        """Find what each decision adds, and return what is added in any case."""
        self.gains, self.known, self.relevant = {}, {}, {}
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
                if not kept:
                    base[c] += amount
                elif len(kept) == 1:
                    ((decision, holds),) = kept
                    self.gains.setdefault(id(decision), []).append((holds, c, amount))
                    self.relevant.update({id(d): d for d in self._line(decision)})
                else:
                    self.pin([d for d, _ in kept[:-1]])
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

    def independent(self, conditions: tuple[Condition, ...]) -> list[Condition]:
        """The conditions without those that others imply: a decision is there only where those above it are."""
        implied = {id(up) for d, _ in conditions for up in self._line(d)[1:]}
        merged: dict[int, Condition] = {}
        for d, holds in conditions:
            if id(d) in merged:
                _, first = merged[id(d)]
                merged[id(d)] = d, lambda own, a=first, b=holds: a(own) and b(own)  # type: ignore[misc]
            elif id(d) not in implied:
                merged[id(d)] = d, holds
        return list(merged.values())

    def _line(self, d: Decision) -> list[Decision]:
        """A decision and those above it."""
        line = [d]
        while id(line[-1]) in self.above:
            line.append(self.above[id(line[-1])])
        return line

    # ---- folding ----

    @cached_property
    def _nothing(self) -> Ways:
        return {self.zero: 1}

    def shifted(self, found: Ways, by: Sums) -> Ways:
        if by == self.zero:
            return found
        return {tuple(a + b for a, b in zip(sums, by, strict=True)): count for sums, count in found.items()}

    def group(self, group: Group) -> Ways:
        """The sums of independent decisions."""
        found, rest = self._nothing, 1
        for d in group:
            if id(d) not in self.relevant:
                rest *= d.size
                continue
            mine = self.decision(d)
            made: Ways = {}
            self.step(len(found) * len(mine))
            for a, n in found.items():
                for b, m in mine.items():
                    key = tuple(x + y for x, y in zip(a, b, strict=True))
                    made[key] = made.get(key, 0) + n * m
            found = made
            if len(found) > MOST_SUMS:
                raise UndecidedError("sums")
        return found if rest == 1 else {sums: count * rest for sums, count in found.items()}

    def step(self, count: int) -> None:
        self.steps += count
        if self.steps > self.most:
            raise UndecidedError("steps")

    def decision(self, d: Decision) -> Ways:
        """The sums of the values of one decision."""
        if d.choices > MOST_ALTERNATIVES:
            raise UndecidedError(d.path)
        found: Ways = {}
        gains = self.gains.get(id(d), [])
        for i in range(d.choices):
            own = d.alternative(i)
            by = list(self.zero)
            for holds, c, amount in gains:
                if holds(own):
                    by[c] += amount
            self.step(1 + len(gains))
            for sums, count in self.shifted(self.brought(d.brings(own)), tuple(by)).items():
                found[sums] = found.get(sums, 0) + count
        return found

    def brought(self, brought: Sequence[Written]) -> Ways:
        key = tuple(map(id, brought))
        if key not in self.known:
            self.known[key] = self.group(tuple(d for w in brought for d in w.decisions))
        return self.known[key]
