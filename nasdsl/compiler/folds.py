"""A tree of decisions folded from its leaves: for each part of it the sums that its values can have.

How many values have each is counted without listing values, and the values of one sum are numbered from 0, so that one
of them can be drawn by its number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice, product
from math import prod
from typing import Any

from nasdsl.compiler.tally import Draws, Fills, Holds, Number, UndecidedError
from nasdsl.space import group as groups
from nasdsl.space import positions as placing
from nasdsl.space.decisions import Subset
from nasdsl.space.group import Decision, Group, Value, Values, Written
from nasdsl.space.positions import Positions

MOST_SUMS = 20_000
MOST_STEPS = 2_000_000
MOST_ALTERNATIVES = 20_000

Sums = tuple[Number, ...]
Ways = dict[Sums, int]
# What an own alternative of a decision adds where a condition holds: to the sum of that position, that much.
Gain = tuple[Holds, int, int]
# The same where conditions on several decisions hold, each known by its identity.
Joint = tuple[Mapping[int, Holds], int, int]


def added(one: Sums, other: Sums) -> Sums:
    return tuple([a + b for a, b in zip(one, other, strict=True)])


def less(one: Sums, other: Sums) -> Sums:
    return tuple([a - b for a, b in zip(one, other, strict=True)])


@dataclass(frozen=True)
class Part:
    """Own alternatives that add the same, and bring the same decisions along; one for each of several decisions.

    `owns` are these, or of a single subset how many members they draw: those are not listed.
    """

    owns: Sequence[tuple[Any, ...]] | int
    count: int
    by: Sums
    brought: tuple[Written, ...]
    inner: FoldedGroup

    def own(self, decisions: Group, index: int) -> tuple[Any, ...]:
        if not isinstance(self.owns, int):
            return self.owns[index]
        (subset,) = decisions
        assert isinstance(subset, Subset)
        return (placing.unrank(subset.mode, len(subset.members), self.owns, index),)


class Split:
    """Ways in which something comes about, each so often; finds the one of a number, and the number within it."""

    def __init__(self, ways: Iterable[tuple[Any, int]]) -> None:
        self.ways = list(ways)
        self.firsts = list(accumulate((count for _, count in self.ways), initial=0))[:-1]

    def find(self, index: int) -> tuple[Any, int]:
        at = bisect_right(self.firsts, index) - 1
        return self.ways[at][0], index - self.firsts[at]


class Folded:
    """The values of one decision by their sums, or of several that add something together."""

    def __init__(self, decisions: Group, parts: Sequence[Part]) -> None:
        self.decisions = decisions
        found: dict[Sums, list[tuple[tuple[Part, Sums], int]]] = {}
        for part in parts:
            for inner, count in part.inner.ways.items():
                found.setdefault(added(inner, part.by), []).append(((part, inner), count * part.count))
        self.splits = {sums: Split(ways) for sums, ways in found.items()}
        self.ways: Ways = {sums: sum(count for _, count in ways) for sums, ways in found.items()}

    def values(self, sums: Sums, index: int) -> Values:
        """The values of these sums with a number below `ways[sums]`."""
        (part, inner), index = self.splits[sums].find(index)
        at, index = divmod(index, part.inner.ways[inner])
        owns = part.own(self.decisions, at)
        if not part.brought and len(owns) == 1:
            return (self.decisions[0].join(owns[0], ()),)
        if not part.brought:
            return tuple([d.join(own, ()) for d, own in zip(self.decisions, owns, strict=True)])
        below, made = iter(part.inner.values(inner, index)), []
        for d, own in zip(self.decisions, owns, strict=True):
            children = [tuple(islice(below, len(written.decisions))) for written in d.brings(own)]
            made.append(d.join(own, children))
        return tuple(made)


class FoldedGroup:
    """The values of the decisions of a group by their sums; those that add nothing are not folded."""

    def __init__(self, decisions: Group, folded: Sequence[tuple[Positions, Folded]], zero: Sums, fold: Fold) -> None:
        """`folded` has the decisions that add something, with their positions."""
        self.decisions = decisions
        self.folded = folded
        apart = {position for positions, _ in folded for position in positions}
        self.open = tuple(i for i in range(len(decisions)) if i not in apart)
        self.free = tuple(decisions[i] for i in self.open)
        self.rest = groups.size(self.free)
        # Of the first so many that are folded.
        self.before: list[Ways] = [{zero: 1}]
        for _, each in folded:
            self.before.append(joined(self.before[-1], each.ways, fold))
        self.ways = {sums: count * self.rest for sums, count in self.before[-1].items()}
        self.splits: dict[tuple[int, Sums], Split] = {}
        self.backwards = list(enumerate(folded))[::-1]

    def values(self, sums: Sums, index: int) -> Values:
        """The values of these sums with a number below `ways[sums]`."""
        index, rest = divmod(index, self.rest)
        free = groups.unrank(self.free, rest)
        if not self.folded:
            return free
        values: list[Value] = [None] * len(self.decisions)
        for position, value in zip(self.open, free, strict=True):
            values[position] = value
        for k, (positions, folded) in self.backwards:
            (own, sums, before), index = self.split(k, sums, folded).find(index)
            at, index = divmod(index, before)
            for position, value in zip(positions, folded.values(own, at), strict=True):
                values[position] = value
        return tuple(values)

    def split(self, k: int, sums: Sums, folded: Folded) -> Split:
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
    """Folds decisions, given what each adds: `gains`, by the identity of a decision, and `joint` what several add.

    `relevant` holds those that add something, or stand above one that does. UndecidedError where there is too much to
    count.
    """

    zero: Sums
    gains: Mapping[int, Sequence[Gain]]
    joint: Sequence[Joint]
    relevant: Mapping[int, Decision]
    most: int = MOST_STEPS
    steps: int = 0
    known: dict[tuple[int, ...], FoldedGroup] = field(default_factory=dict)

    def step(self, count: int) -> None:
        self.steps += count
        if self.steps > self.most:
            raise UndecidedError("steps")

    @cached_property
    def clusters(self) -> Mapping[int, frozenset[int]]:
        """The decisions that add something together with each."""
        found: dict[int, frozenset[int]] = {}
        for holds, _, _ in self.joint:
            whole = frozenset(holds).union(*(found.get(key, ()) for key in holds))
            found.update(dict.fromkeys(whole, whole))
        return found

    def group(self, decisions: Group) -> FoldedGroup:
        clusters: dict[object, list[int]] = {}
        for i, d in enumerate(decisions):
            if id(d) in self.relevant:
                clusters.setdefault(self.clusters.get(id(d), id(d)), []).append(i)
        folded = [(tuple(at), self.folded(tuple(decisions[i] for i in at))) for at in clusters.values()]
        return FoldedGroup(decisions, folded, self.zero, self)

    def folded(self, decisions: Group) -> Folded:
        return Folded(decisions, self.by_size(decisions) or self.one_by_one(decisions))

    def by_size(self, decisions: Group) -> list[Part] | None:
        """The parts of a subset to whose sums only the number of its members matters."""
        d = decisions[0]
        if len(decisions) > 1 or not isinstance(d, Subset) or d.allowed is not None:
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

    def one_by_one(self, decisions: Group) -> list[Part]:
        if prod(d.choices for d in decisions) > MOST_ALTERNATIVES:
            raise UndecidedError(decisions[0].path)
        places = {id(d): i for i, d in enumerate(decisions)}
        gains = [({i: holds}, c, n) for key, i in places.items() for holds, c, n in self.gains.get(key, ())]
        for conditions, c, n in self.joint:
            # One that is not in this group is not there.
            if places.keys() >= conditions.keys():
                gains.append(({places[key]: holds for key, holds in conditions.items()}, c, n))
        alike: dict[tuple[Sums, tuple[int, ...]], list[tuple[Any, ...]]] = {}
        for owns in product(*([d.alternative(i) for i in range(d.choices)] for d in decisions)):
            total = list(self.zero)
            for each, c, amount in gains:
                if all(holds(owns[i]) for i, holds in each.items()):
                    total[c] += amount
            self.step(1 + len(gains))
            alike.setdefault((tuple(total), tuple(map(id, brought(decisions, owns)))), []).append(owns)
        parts = []
        for (by, _), several in alike.items():
            inside = brought(decisions, several[0])
            parts.append(Part(several, len(several), by, inside, self.inside(inside)))
        return parts

    def inside(self, below: tuple[Written, ...]) -> FoldedGroup:
        key = tuple(map(id, below))
        if key not in self.known:
            self.known[key] = self.group(tuple(d for w in below for d in w.decisions))
        return self.known[key]


def brought(decisions: Group, owns: tuple[Any, ...]) -> tuple[Written, ...]:
    return tuple(w for d, own in zip(decisions, owns, strict=True) for w in d.brings(own))
