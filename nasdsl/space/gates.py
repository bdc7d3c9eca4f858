"""Decisions over members that carry decisions of their own: any of several operations, and how often a part repeats."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from math import comb, prod
from random import Random
from typing import TYPE_CHECKING, Any

from nasdsl.source import Span
from nasdsl.space import positions as placing
from nasdsl.space.group import Decision, Group, Value, Values, Written, contains, rank, steady, unrank
from nasdsl.space.positions import Positions

if TYPE_CHECKING:
    from nasdsl.space.text import Entry


@dataclass(frozen=True)
class Gates(Decision):
    """Any of `members`, at least `least`: `op some of S`. A value is `(positions, (values of each member drawn, ...))`.

    Order of the values: positions as sets in lexicographic order of their gates (absent before present), then the
    members' own decisions, the first most significant.
    """

    path: str
    members: tuple[Written, ...]
    least: int = 0
    span: Span | None = field(default=None, compare=False, repr=False)
    weights: tuple[float, ...] = ()

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(m.size for m in self.members)

    @cached_property
    def _ways(self) -> tuple[tuple[int, ...], ...]:
        return self._counted(self._sizes)

    def _counted(self, sizes: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """`[i][k]`: values of the members from i on, of these sizes, of which at least k are drawn."""
        least = self.least
        ways = [tuple(int(k == 0) for k in range(least + 1))]
        for size in reversed(sizes):
            behind = ways[-1]
            ways.append(tuple(behind[k] + size * behind[max(k - 1, 0)] for k in range(least + 1)))
        return tuple(reversed(ways))

    @cached_property
    def _sets(self) -> tuple[tuple[int, ...], ...]:
        """The same with each member's own decisions left out."""
        n = len(self.members)
        return tuple(
            tuple(sum(comb(n - i, j) for j in range(k, n - i + 1)) for k in range(self.least + 1)) for i in range(n + 1)
        )

    @cached_property
    def size(self) -> int:
        return self._ways[0][self.least]

    @cached_property
    def choices(self) -> int:
        return self._sets[0][self.least]

    @cached_property
    def bears(self) -> bool:
        return any(m.decisions for m in self.members)

    @cached_property
    def steady(self) -> int | None:
        return None if self.bears else int(self.choices > 1)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        return ("gates", self.least, *(m.form for m in self.members))

    def contains(self, value: object) -> bool:
        if not (isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], tuple)):
            return False
        positions, children = value
        return (
            placing.legal("set", len(self.members), positions)
            and len(positions) == len(children)
            and len(positions) >= self.least
            and all(contains(self.members[p].decisions, own) for p, own in zip(positions, children, strict=True))
        )

    def rank(self, value: Value) -> int:
        positions, children = value
        own = self._before(positions, self._ways, self._sizes)
        inner = 0
        for p, values in zip(positions, children, strict=True):
            inner = inner * self._sizes[p] + rank(self.members[p].decisions, values)
        return own + inner

    def unrank(self, rank: int) -> Value:
        positions, rest = self._drawn(rank, self._ways, self._sizes)
        children: list[Values] = []
        for p in reversed(positions):
            rest, digit = divmod(rest, self._sizes[p])
            children.append(unrank(self.members[p].decisions, digit))
        return positions, tuple(reversed(children))

    def alternative(self, index: int) -> Positions:
        return self._drawn(index, self._sets, (1,) * len(self.members))[0]

    def index(self, chosen: Positions) -> int:
        return self._before(chosen, self._sets, (1,) * len(self.members))

    def _before(self, positions: Positions, ways: Sequence[Sequence[int]], sizes: Sequence[int]) -> int:
        """How many values come before all of these positions."""
        before, weight, needed = 0, 1, self.least
        for i, size in enumerate(sizes):
            if i in positions:
                before += weight * ways[i + 1][needed]
                weight, needed = weight * size, max(needed - 1, 0)
        return before

    def _drawn(self, rank: int, ways: Sequence[Sequence[int]], sizes: Sequence[int]) -> tuple[Positions, int]:
        """The positions of a rank, and what is left of it for the members' own decisions."""
        drawn, weight, needed = [], 1, self.least
        for i, size in enumerate(sizes):
            absent = weight * ways[i + 1][needed]
            if rank >= absent:
                rank -= absent
                drawn.append(i)
                weight, needed = weight * size, max(needed - 1, 0)
        return tuple(drawn), rank

    def favoured(self, rng: Random) -> Positions:
        """Positions with a probability proportional to the product of their weights."""
        if not self.weights:
            return self.alternative(rng.randrange(self.choices))
        return placing.favoured("set", self.weights, self.least, len(self.members), rng)

    def brings(self, chosen: Positions) -> Sequence[Written]:
        return [self.members[p] for p in chosen]

    @property
    def below(self) -> Sequence[Written]:
        return self.members

    def join(self, chosen: Positions, children: Sequence[Values]) -> Value:
        return chosen, tuple(children)

    def split(self, value: Value) -> tuple[Positions, Sequence[Values]]:
        return value[0], value[1]

    def carry(self, value: Value, chosen: Positions) -> Sequence[Values | None]:
        """A member that stays keeps its own decisions."""
        own = dict(zip(*value, strict=True))
        return [own.get(p) for p in chosen]

    def near(self, value: Value) -> int:
        kept = value[0]
        sizes = tuple(1 if p in kept else size for p, size in enumerate(self._sizes))
        return self._counted(sizes)[0][self.least] - 1

    def text(self, value: Value) -> str:
        positions, children = value
        shown = (self.members[p].write(values) for p, values in zip(positions, children, strict=True))
        return f"[{', '.join(shown)}]"

    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        """A list of members, in any order."""
        if not text.startswith("[", at):
            return
        ends: set[int] = set()
        open_ways: list[tuple[dict[int, Values], int]] = [({}, at + 1)]
        while open_ways:
            drawn, end = open_ways.pop()
            if text.startswith("]", end) and len(drawn) >= self.least and end + 1 not in ends:
                ends.add(end + 1)
                positions = tuple(sorted(drawn))
                yield (positions, tuple(drawn[p] for p in positions)), end + 1
            separator = ", " if drawn else ""
            if not text.startswith(separator, end):
                continue
            for p, member in enumerate(self.members):
                if p not in drawn:
                    ways = member.matches(text, end + len(separator))
                    open_ways += [({**drawn, p: values}, stop) for values, stop in ways]

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(m.pattern for m in self.members)

    @property
    def pattern(self) -> str:
        counts = "some of" if self.least == 0 else f"pick {self.least}..{len(self.members)} of"
        return f"{counts} [{', '.join(self.options)}]"


@dataclass(frozen=True)
class Depth(Decision):
    """How often a part repeats: `repeat 1..4 { }`, `node n[2..5]`. A value is `(count, (values of each round, ...))`.

    `bodies[i]` is what repetition i decides, as entries of the genotype's text, for as many as may be needed; `counts`
    ascend. Order of the values: fewer repetitions first, then their decisions.
    """

    path: str
    counts: tuple[int, ...]
    bodies: tuple[tuple[Entry, ...], ...]
    span: Span | None = field(default=None, compare=False, repr=False)

    @cached_property
    def parts(self) -> tuple[Written, ...]:
        """The decisions of each repetition, written on lines of their own."""
        return tuple(Written((), tuple(d for entry in body for d in entry.decisions)) for body in self.bodies)

    @cached_property
    def _flat(self) -> tuple[Group, ...]:
        """For each number of repetitions, the decisions of all of them in one group."""
        return tuple(accumulate((p.decisions for p in self.parts), initial=()))

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        products = tuple(accumulate((p.size for p in self.parts), int.__mul__, initial=1))
        return tuple(products[count] for count in self.counts)

    @cached_property
    def _firsts(self) -> tuple[int, ...]:
        return tuple(accumulate(self._sizes[:-1], initial=0))

    @property
    def choices(self) -> int:
        return len(self.counts)

    @cached_property
    def size(self) -> int:
        return sum(self._sizes)

    @cached_property
    def bears(self) -> bool:
        return any(p.decisions for p in self.parts)

    @cached_property
    def steady(self) -> int | None:
        below = {steady(self._flat[count]) for count in self.counts}
        only = below.pop() if len(below) == 1 else None
        return None if only is None else only + (self.choices > 1)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        return ("depth", self.counts, *(p.form for p in self.parts))

    def contains(self, value: object) -> bool:
        if not (isinstance(value, tuple) and len(value) == 2 and type(value[0]) is int and isinstance(value[1], tuple)):
            return False
        count, children = value
        return (
            count in self.counts
            and len(children) == count
            and all(contains(p.decisions, own) for p, own in zip(self.parts, children, strict=False))
        )

    def rank(self, value: Value) -> int:
        count, children = value
        return self._firsts[self.index(count)] + rank(self._flat[count], sum(children, ()))

    def unrank(self, rank: int) -> Value:
        i = bisect_right(self._firsts, rank) - 1
        count = self.counts[i]
        values = unrank(self._flat[count], rank - self._firsts[i])
        ends = accumulate((len(p.decisions) for p in self.parts[:count]), initial=0)
        return count, tuple(values[start:end] for start, end in pairwise(ends))

    def alternative(self, index: int) -> int:
        return self.counts[index]

    def index(self, chosen: int) -> int:
        return self.counts.index(chosen)

    def brings(self, chosen: int) -> Sequence[Written]:
        return self.parts[:chosen]

    @property
    def below(self) -> Sequence[Written]:
        return self.parts

    def inner(self, chosen: int) -> Sequence[Sequence[Entry]]:
        return self.bodies[:chosen]

    def join(self, chosen: int, children: Sequence[Values]) -> Value:
        return chosen, tuple(children)

    def split(self, value: Value) -> tuple[int, Sequence[Values]]:
        return value[0], value[1]

    def carry(self, value: Value, chosen: int) -> Sequence[Values | None]:
        """Repetitions that stay keep their decisions."""
        children = value[1]
        return [children[i] if i < len(children) else None for i in range(chosen)]

    def near(self, value: Value) -> int:
        had = value[0]
        return sum(prod(p.size for p in self.parts[had:count]) for count in self.counts if count != had)

    def text(self, value: Value) -> str:
        return str(value[0])

    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        end = at
        while end < len(text) and text[end].isdigit():
            end += 1
        if end > at and text[at:end] in self.options:
            count = int(text[at:end])
            # What each repetition decides stands on lines of its own.
            yield (count, tuple((None,) * len(p.decisions) for p in self.parts[:count])), end

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(map(str, self.counts))

    @property
    def pattern(self) -> str:
        return " | ".join(self.options)
