"""The kinds of decision, one class each.

- `Choice`       value `(i, values)`: alternative `i`, and the values of its own decisions
- `Subset`       value `(positions, (values, ...))`: the members drawn, and for each the values of its operation

`Arrangement` is in `arrangement.py`; `Gates` and `Depth`, whose members carry decisions of their own, in `gates.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import prod
from random import Random
from typing import Any

from nasdsl.diagnostics import InternalError
from nasdsl.source import Span
from nasdsl.space import positions as placing
from nasdsl.space.group import Decision, Group, Value, Values, Written, contains, rank, steady, unrank
from nasdsl.space.positions import Mode, Positions

__all__ = ["Choice", "Decision", "Group", "Mode", "Positions", "Subset", "Value", "Values", "Written"]


@dataclass(frozen=True)
class Choice(Decision):
    """One of several alternatives: `a | b`, `one of S`. `weights` is empty where all weigh the same."""

    path: str
    alternatives: tuple[Written, ...]
    span: Span | None = field(default=None, compare=False, repr=False)
    weights: tuple[float, ...] = ()

    @cached_property
    def choices(self) -> int:
        return len(self.alternatives)

    @cached_property
    def size(self) -> int:
        return sum(a.size for a in self.alternatives)

    @cached_property
    def bears(self) -> bool:
        return any(a.decisions for a in self.alternatives)

    @cached_property
    def steady(self) -> int | None:
        below = {steady(a.decisions) for a in self.alternatives}
        only = below.pop() if len(below) == 1 else None
        return None if only is None else only + (self.choices > 1)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        return ("choice", *(a.form for a in self.alternatives))

    @cached_property
    def _firsts(self) -> tuple[int, ...]:
        """The rank of the first value of each alternative."""
        return tuple(accumulate((a.size for a in self.alternatives[:-1]), initial=0))

    @cached_property
    def _plain(self) -> tuple[Value, ...] | None:
        """All values where none has children: shared, and found by their rank."""
        return None if self.bears else tuple((i, ()) for i in range(self.choices))

    def contains(self, value: object) -> bool:
        if not (isinstance(value, tuple) and len(value) == 2 and type(value[0]) is int):
            return False
        i, values = value
        return 0 <= i < self.choices and contains(self.alternatives[i].decisions, values)

    def rank(self, value: Value) -> int:
        i, values = value
        first: int = self._firsts[i]
        return first + rank(self.alternatives[i].decisions, values) if values else first

    def unrank(self, rank: int) -> Value:
        if self._plain is not None:
            return self._plain[rank]
        i = bisect_right(self._firsts, rank) - 1
        return i, unrank(self.alternatives[i].decisions, rank - self._firsts[i])

    def alternative(self, index: int) -> int:
        return index

    def index(self, chosen: int) -> int:
        return chosen

    def favoured(self, rng: Random) -> int:
        if not self.weights:
            return rng.randrange(self.choices)
        return rng.choices(range(self.choices), self.weights)[0]

    def brings(self, chosen: int) -> Sequence[Written]:
        return (self.alternatives[chosen],)

    @property
    def below(self) -> Sequence[Written]:
        return self.alternatives

    def join(self, chosen: int, children: Sequence[Values]) -> Value:
        return chosen, children[0]

    def split(self, value: Value) -> tuple[int, Sequence[Values]]:
        return value[0], value[1:]

    def chosen(self, value: Value) -> int:
        return value[0]  # type: ignore[no-any-return]

    def near(self, value: Value) -> int:
        own: Written = self.alternatives[value[0]]
        return self.size - own.size

    def text(self, value: Value) -> str:
        i, values = value
        shown: Written = self.alternatives[i]
        return shown.write(values)

    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        ends = set()
        for i, alternative in enumerate(self.alternatives):
            for values, end in alternative.matches(text, at):
                if end not in ends:
                    ends.add(end)
                    yield (i, values), end

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(a.pattern for a in self.alternatives)

    @property
    def pattern(self) -> str:
        return " | ".join(self.options)


@dataclass(frozen=True)
class Subset(Decision):
    """Some of `members`: `pick 2 of S`, `... in order`, `... with repeats`, `pick 1..3 of S`, `some of S`.

    `reads[j]` is what slot j's value passes through (as many as `most`, or none); only the slots drawn are present.
    Order of the values: by count, then positions, then reads.
    """

    path: str
    members: tuple[str, ...]
    least: int
    most: int
    mode: Mode
    reads: tuple[Written, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.reads and len(self.reads) < self.most:
            raise InternalError(f"`{self.path}` draws up to {self.most} and says what {len(self.reads)} pass through")

    @cached_property
    def _counts(self) -> tuple[tuple[int, int, int], ...]:
        """For each count: the count, its ways to draw, and the values of its reads."""
        sizes = accumulate((r.size for r in self.reads[: self.most]), int.__mul__, initial=1)
        reads = list(sizes) if self.reads else [1] * (self.most + 1)
        ways = ((k, placing.count(self.mode, len(self.members), k)) for k in range(self.least, self.most + 1))
        return tuple((k, drawn, reads[k]) for k, drawn in ways)

    @cached_property
    def _slots(self) -> tuple[Group, ...]:
        return tuple(r.decisions for r in self.reads)

    @cached_property
    def _flat(self) -> tuple[Group, ...]:
        """For each count, the decisions of all its reads in one group."""
        return tuple(sum(self._slots[:k], ()) for k in range(self.most + 1))

    @cached_property
    def choices(self) -> int:
        return sum(drawn for _, drawn, _ in self._counts)

    @cached_property
    def size(self) -> int:
        return sum(drawn * reads for _, drawn, reads in self._counts)

    @cached_property
    def bears(self) -> bool:
        return any(self._slots)

    @cached_property
    def steady(self) -> int | None:
        below = {steady(self._flat[k]) for k in range(self.least, self.most + 1)}
        only = below.pop() if len(below) == 1 else None
        return None if only is None else only + (self.choices > 1)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        return ("subset", self.members, self.least, self.most, self.mode, *(r.form for r in self.reads))

    @cached_property
    def _carries(self) -> bool:
        """Whether what a member passes through can move with it from slot to slot."""
        return self.mode == "set" and all(r.form == self.reads[0].form for r in self.reads)

    def contains(self, value: object) -> bool:
        if not (isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], tuple)):
            return False
        positions, children = value
        if not placing.legal(self.mode, len(self.members), positions):
            return False
        slots = self._slots[: len(positions)]
        fits = self.least <= len(positions) <= self.most and len(children) == len(slots)
        return fits and all(map(contains, slots, children))

    def rank(self, value: Value) -> int:
        positions, children = value
        before = 0
        for k, drawn, reads in self._counts:
            if k == len(positions):
                break
            before += drawn * reads
        place = placing.rank(self.mode, len(self.members), positions)
        inner = rank(self._flat[len(children)], sum(children, ()))
        return before + place * reads + inner

    def unrank(self, rank: int) -> Value:
        before = 0
        for k, drawn, reads in self._counts:
            place, inner = divmod(rank - before, reads)
            if place < drawn:
                positions = placing.unrank(self.mode, len(self.members), k, place)
                return positions, self._dealt(k, unrank(self._flat[k], inner))
            before += drawn * reads
        raise IndexError(rank)

    def _dealt(self, count: int, values: Values) -> tuple[Values, ...]:
        """The values of all reads in one group, as one `Values` for each slot."""
        children, at = [], 0
        for slot in self._slots[:count]:
            children.append(values[at : at + len(slot)])
            at += len(slot)
        return tuple(children)

    def alternative(self, index: int) -> Positions:
        before = 0
        for k, drawn, _ in self._counts:
            if index - before < drawn:
                return placing.unrank(self.mode, len(self.members), k, index - before)
            before += drawn
        raise IndexError(index)

    def index(self, chosen: Positions) -> int:
        fewer = sum(drawn for k, drawn, _ in self._counts if k < len(chosen))
        return fewer + placing.rank(self.mode, len(self.members), chosen)

    def favoured(self, rng: Random) -> Positions:
        """Positions with a probability proportional to the product of their weights."""
        if not self.weights:
            return self.alternative(rng.randrange(self.choices))
        return placing.favoured(self.mode, self.weights, self.least, self.most, rng)

    def brings(self, chosen: Positions) -> Sequence[Written]:
        return self.reads[: len(chosen)]

    @property
    def below(self) -> Sequence[Written]:
        return self.reads

    def join(self, chosen: Positions, children: Sequence[Values]) -> Value:
        return chosen, tuple(children)

    def split(self, value: Value) -> tuple[Positions, Sequence[Values]]:
        return value[0], value[1]

    def chosen(self, value: Value) -> Positions:
        return value[0]  # type: ignore[no-any-return]

    def carry(self, value: Value, chosen: Positions) -> Sequence[Values | None]:
        """In a set the reads move with their members, and those of members that left go to the new ones, in order."""
        positions, children = value
        if not self.reads:
            return ()
        if not self._carries:
            return [children[j] if j < len(children) else None for j in range(len(chosen))]
        of = dict(zip(positions, children, strict=True))
        orphans = iter([of[p] for p in positions if p not in chosen])
        return [of[p] if p in of else next(orphans, None) for p in chosen]

    def near(self, value: Value) -> int:
        """Whichever members are drawn, as many reads are new as there are more of them."""
        had = len(value[0])
        total = 0
        for k, drawn, _ in self._counts:
            total += drawn * prod(r.size for r in self.reads[had:k])
        return total - 1

    def offers(self, chosen: Positions) -> bool:
        """Whether these positions, legal in this mode, are an own alternative."""
        return self.least <= len(chosen) <= self.most

    def rereads(self, value: Value, slot: int) -> list[Positions]:
        """The own alternatives in which the read in `slot` is of another member, or left out, and no other changes.

        One slot behind the last a read is added. Where what reads pass through belongs to the slots, the others stay
        in theirs.
        """
        drawn = value[0]
        before, after = drawn[:slot], drawn[slot + 1 :]
        others = range(len(self.members)) if self.mode == "repeats" else set(range(len(self.members))) - set(drawn)
        made = [(*before, p, *after) for p in others if drawn[slot : slot + 1] != (p,)]
        if slot < len(drawn):
            made.append((*before, *after))
        found = []
        for positions in map(self.placed, made):
            moved = any(p != q for i, (p, q) in enumerate(zip(drawn, positions, strict=False)) if i != slot)
            left_out = len(positions) < len(drawn) and slot < len(positions)
            if self.offers(positions) and (self._carries or not (moved or left_out)):
                found.append(positions)
        return found

    def text(self, value: Value) -> str:
        self._stands_alone()
        return self.listed(value[0])

    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        self._stands_alone()
        return (((self.placed(drawn), ()), end) for drawn, end in self.drawn(text, at))

    def _stands_alone(self) -> None:
        if self.reads:
            raise InternalError(f"`{self.path}` has operations and stands where only the `from` of a node has them")

    def listed(self, positions: Positions, bare: bool = False) -> str:
        """The members as a list, without brackets where they stand among others and there is one at least."""
        text = ", ".join(self.members[p] for p in positions)
        return text if bare and positions else f"[{text}]"

    def placed(self, drawn: Positions) -> Positions:
        """The positions as the value holds them, from those as somebody wrote them."""
        return tuple(sorted(drawn)) if self.mode == "set" else drawn

    def drawn(self, text: str, at: int, bare: bool = False) -> Iterator[tuple[Positions, int]]:
        """Every way to read what `listed` writes: positions as written, and the end. A set may come in any order."""
        if not bare or text.startswith("[]", at):
            opened = text.startswith("[", at)
            ways = self._members(text, at + 1) if opened else ()
            yield from ((drawn, end + 1) for drawn, end in ways if text.startswith("]", end))
        else:
            yield from (way for way in self._members(text, at) if way[0])

    def _members(self, text: str, at: int) -> Iterator[tuple[Positions, int]]:
        open_ways: list[tuple[Positions, int]] = [((), at)]
        while open_ways:
            before, at = open_ways.pop()
            if len(before) >= self.least:
                yield before, at
            if len(before) == self.most:
                continue
            separator = ", " if before else ""
            if not text.startswith(separator, at):
                continue
            start, taken = at + len(separator), () if self.mode == "repeats" else before
            for name, positions in self._named.items():
                if text.startswith(name, start):
                    # Of members with one name the first that is left is meant, so that there is one way to read them.
                    left = next((p for p in positions if p not in taken), None)
                    if left is not None:
                        open_ways.append(((*before, left), start + len(name)))

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        """The positions of each name, the last member first."""
        found: dict[str, list[int]] = {}
        for p, name in reversed(list(enumerate(self.members))):
            found.setdefault(name, []).insert(0, p)
        return found

    @property
    def options(self) -> tuple[str, ...]:
        return self.members

    @property
    def pattern(self) -> str:
        how = {"set": "", "order": " in order", "repeats": " with repeats"}[self.mode]
        if (self.least, self.most, self.mode) == (0, len(self.members), "set"):
            return f"some of [{', '.join(self.members)}]"
        counts = f"{self.least}" if self.least == self.most else f"{self.least}..{self.most}"
        return f"pick {counts} of [{', '.join(self.members)}]{how}"
