"""A tree of decisions folded from its leaves: for each part of it the sums that its values can have.

How many values have each is counted without listing values, and the values of one sum are numbered from 0, so that one
of them can be drawn by its number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from nasdsl.compiler.tally import Draws, Fills, Holds, Number, UndecidedError
from nasdsl.space import group as groups
from nasdsl.space import positions as placing
from nasdsl.space.decisions import Subset
from nasdsl.space.group import Decision, Group, Value, Values, Written

MOST_SUMS = 20_000
MOST_STEPS = 2_000_000
MOST_ALTERNATIVES = 20_000

Sums = tuple[Number, ...]
Ways = dict[Sums, int]
# What an own alternative of a decision adds where a condition holds: to the sum of that position, that much.
Gain = tuple[Holds, int, int]


def added(one: Sums, other: Sums) -> Sums:
    return tuple([a + b for a, b in zip(one, other, strict=True)])


def less(one: Sums, other: Sums) -> Sums:
    return tuple([a - b for a, b in zip(one, other, strict=True)])


@dataclass(frozen=True)
class Part:
    """Own alternatives of a decision that add the same, and bring the same decisions along.

    `owns` are these, or of a subset how many members they draw: those are not listed.
    """

    owns: Sequence[Any] | int
    count: int
    by: Sums
    brought: tuple[Written, ...]
    inner: FoldedGroup

    def own(self, d: Decision, index: int) -> Any:
        if not isinstance(self.owns, int):
            return self.owns[index]
        assert isinstance(d, Subset)
        return placing.unrank(d.mode, len(d.members), self.owns, index)


class Split:
    """Ways in which something comes about, each so often; finds the one of a number, and the number within it."""

    def __init__(self, ways: Iterable[tuple[Any, int]]) -> None:
        self.ways = list(ways)
        self.firsts = list(accumulate((count for _, count in self.ways), initial=0))[:-1]

    def find(self, index: int) -> tuple[Any, int]:
        at = bisect_right(self.firsts, index) - 1
        return self.ways[at][0], index - self.firsts[at]


class FoldedDecision:
    """The values of one decision by their sums."""

    def __init__(self, decision: Decision, parts: Sequence[Part]) -> None:
        self.decision = decision
        found: dict[Sums, list[tuple[tuple[Part, Sums], int]]] = {}
        for part in parts:
            for inner, count in part.inner.ways.items():
                found.setdefault(added(inner, part.by), []).append(((part, inner), count * part.count))
        self.splits = {sums: Split(ways) for sums, ways in found.items()}
        self.ways: Ways = {sums: sum(count for _, count in ways) for sums, ways in found.items()}

    def value(self, sums: Sums, index: int) -> Value:
        """The value of these sums with a number below `ways[sums]`."""
        (part, inner), index = self.splits[sums].find(index)
        at, index = divmod(index, part.inner.ways[inner])
        own = part.own(self.decision, at)
        if not part.brought:
            return self.decision.join(own, ())
        values, children = part.inner.values(inner, index), []
        for written in part.brought:
            count = len(written.decisions)
            children.append(values[:count])
            values = values[count:]
        return self.decision.join(own, children)


class FoldedGroup:
    """The values of independent decisions by their sums; those that add nothing are not folded."""

    def __init__(self, decisions: Group, folded: Mapping[int, FoldedDecision], zero: Sums, fold: Fold) -> None:
        """`folded` has the decisions that add something, by their position."""
        self.decisions = decisions
        self.folded = folded
        self.free = tuple(d for i, d in enumerate(decisions) if i not in folded)
        self.rest = groups.size(self.free)
        # Of the first so many of the folded decisions.
        self.before: list[Ways] = [{zero: 1}]
        for each in folded.values():
            self.before.append(joined(self.before[-1], each.ways, fold))
        self.ways = {sums: count * self.rest for sums, count in self.before[-1].items()}
        self.splits: dict[tuple[int, Sums], Split] = {}
        self.backwards = list(enumerate(folded.items()))[::-1]

    def values(self, sums: Sums, index: int) -> Values:
        """The values of these sums with a number below `ways[sums]`."""
        index, rest = divmod(index, self.rest)
        free = groups.unrank(self.free, rest)
        if not self.folded:
            return free
        found: dict[int, Value] = {}
        for k, (position, folded) in self.backwards:
            (own, sums, before), index = self.split(k, sums, folded).find(index)
            at, index = divmod(index, before)
            found[position] = folded.value(own, at)
        open_values = iter(free)
        return tuple([found[i] if i in found else next(open_values) for i in range(len(self.decisions))])

    def split(self, k: int, sums: Sums, folded: FoldedDecision) -> Split:
        """The sums that folded decision k may have where all up to it have `sums`; with those of the ones before it,
        and their number.
        """
        found = self.splits.get((k, sums))
        if found is None:
            left = ((own, less(sums, own), count) for own, count in folded.ways.items())
            ways = ((own, rest, self.before[k].get(rest, 0), count) for own, rest, count in left)
            found = Split(((own, rest, before), count * before) for own, rest, before, count in ways if before)
            self.splits[k, sums] = found
        return found


def joined(one: Ways, other: Ways, fold: Fold) -> Ways:
    fold.step(len(one) * len(other))
    made: Ways = {}
    for a, n in one.items():
        for b, m in other.items():
            key = added(a, b)
            made[key] = made.get(key, 0) + n * m
    if len(made) > MOST_SUMS:
        raise UndecidedError("sums")
    return made


@dataclass
class Fold:
    """Folds decisions, given what each adds: `gains`, by the identity of a decision. `relevant` holds those that add
    something, or stand above one that does. UndecidedError where there is too much to count.
    """

    zero: Sums
    gains: Mapping[int, Sequence[Gain]]
    relevant: Mapping[int, Decision]
    steps: int = 0
    known: dict[tuple[int, ...], FoldedGroup] = field(default_factory=dict)

    def step(self, count: int) -> None:
        self.steps += count
        if self.steps > MOST_STEPS:
            raise UndecidedError("steps")

    def group(self, decisions: Group) -> FoldedGroup:
        folded = {i: self.decision(d) for i, d in enumerate(decisions) if id(d) in self.relevant}
        return FoldedGroup(decisions, folded, self.zero, self)

    def decision(self, d: Decision) -> FoldedDecision:
        return FoldedDecision(d, self.by_size(d) or self.one_by_one(d))

    def by_size(self, d: Decision) -> list[Part] | None:
        """The parts of a subset to whose sums only the number of its members matters."""
        if not isinstance(d, Subset) or d.allowed is not None:
            return None
        totals = [list(self.zero) for _ in range(d.most + 1)]
        of_member: dict[int, list[int]] = {}
        for holds, c, amount in self.gains.get(id(d), ()):
            if isinstance(holds, Fills):
                for count in range(holds.slot + 1, d.most + 1):
                    totals[count][c] += amount
            elif isinstance(holds, Draws) and d.mode != "repeats":
                of_member.setdefault(c, [0] * len(d.members))[holds.position] += amount
            else:
                return None
        for c, amounts in of_member.items():
            if len(set(amounts)) > 1:
                return None
            for count, adds in enumerate(totals):
                adds[c] += count * amounts[0]
        counts = {k: placing.count(d.mode, len(d.members), k) for k in range(d.least, d.most + 1)}
        reads = {k: d.reads[:k] for k in counts}
        return [Part(k, n, tuple(totals[k]), reads[k], self.inside(reads[k])) for k, n in counts.items() if n]

    def one_by_one(self, d: Decision) -> list[Part]:
        if d.choices > MOST_ALTERNATIVES:
            raise UndecidedError(d.path)
        gains = self.gains.get(id(d), ())
        alike: dict[tuple[Sums, tuple[int, ...]], list[Any]] = {}
        for i in range(d.choices):
            own = d.alternative(i)
            total = list(self.zero)
            for holds, c, amount in gains:
                if holds(own):
                    total[c] += amount
            self.step(1 + len(gains))
            alike.setdefault((tuple(total), tuple(map(id, d.brings(own)))), []).append(own)
        parts = []
        for (by, _), owns in alike.items():
            brought = tuple(d.brings(owns[0]))
            parts.append(Part(owns, len(owns), by, brought, self.inside(brought)))
        return parts

    def inside(self, brought: tuple[Written, ...]) -> FoldedGroup:
        key = tuple(map(id, brought))
        if key not in self.known:
            self.known[key] = self.group(tuple(d for w in brought for d in w.decisions))
        return self.known[key]
