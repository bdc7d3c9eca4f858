"""Every kind of decision with some of its alternatives left out.

What is left keeps the numbers it had, so that a genotype of the narrow space is one of the wide space, value for
value, and the skeleton and what is made of it stay as they are. Only rank, size and what can be drawn follow.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import accumulate
from math import prod
from random import Random
from typing import Any, cast

from nasdsl.diagnostics import error
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.group import Decision, Value, Written, rank, steady, unrank
from nasdsl.space.positions import Positions

MOST = 100_000
"""The most own alternatives that a narrowed decision lists."""


@dataclass(frozen=True)
class Narrowed(Decision):
    """A decision of the kind it is mixed into, of whose own alternatives only those in `allowed` are left, in order.

    `wide` is the same decision with all of them. None that is left has children without a value.
    """

    allowed: tuple[Any, ...] = ()
    wide: Decision = field(default=cast("Decision", None), compare=False, repr=False)

    @cached_property
    def _places(self) -> Mapping[Any, int]:
        return {own: i for i, own in enumerate(self.allowed)}

    @cached_property
    def _firsts(self) -> tuple[int, ...]:
        """The rank of the first value of each alternative that is left, and behind them the size."""
        sizes = (prod(w.size for w in self.brings(own)) for own in self.allowed)
        return tuple(accumulate(sizes, initial=0))

    @cached_property
    def size(self) -> int:
        return self._firsts[-1]

    @cached_property
    def choices(self) -> int:
        return len(self.allowed)

    @cached_property
    def steady(self) -> int | None:
        if not self.bears:
            return int(self.choices > 1)
        below = {steady(sum((w.decisions for w in self.brings(own)), ())) for own in self.allowed}
        only = below.pop() if len(below) == 1 else None
        return None if only is None else only + (self.choices > 1)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        return ("narrowed", self.wide.form, self.allowed)

    def contains(self, value: object) -> bool:
        return self.wide.contains(value) and self.wide.chosen(value) in self._places

    def rank(self, value: Value) -> int:
        chosen, children = self.split(value)
        inner = 0
        for written, values in zip(self.brings(chosen), children, strict=True):
            inner = inner * written.size + rank(written.decisions, values)
        return self._firsts[self._places[chosen]] + inner

    def unrank(self, rank: int) -> Value:
        place = bisect_right(self._firsts, rank) - 1
        chosen, inner = self.allowed[place], rank - self._firsts[place]
        children = []
        for written in reversed(self.brings(chosen)):
            inner, digit = divmod(inner, written.size)
            children.append(unrank(written.decisions, digit))
        return self.join(chosen, children[::-1])

    def alternative(self, index: int) -> Any:
        return self.allowed[index]

    def index(self, chosen: Any) -> int:
        return self._places[chosen]

    def near(self, value: Value) -> int:
        return Decision.near(self, value)

    def offers(self, chosen: Any) -> bool:
        return chosen in self._places

    def favoured(self, rng: Random) -> Any:
        """An own alternative that is left, as often as the weights of the kind say, where it has any."""
        weights = getattr(self.wide, "weights", ())
        if not weights:
            return self.allowed[rng.randrange(self.choices)]
        of_each = [prod(weights[p] for p in (own if isinstance(own, tuple) else (own,))) for own in self.allowed]
        return rng.choices(self.allowed, of_each)[0]

    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        return ((v, end) for v, end in self.wide.matches(text, at) if self.wide.chosen(v) in self._places)


@dataclass(frozen=True)
class NarrowedChoice(Narrowed, Choice):
    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        ends = set()
        for own in self.allowed:
            for values, end in self.alternatives[own].matches(text, at):
                if end not in ends:
                    ends.add(end)
                    yield (own, values), end

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(self.alternatives[own].pattern for own in self.allowed)


@dataclass(frozen=True)
class NarrowedSubset(Narrowed, Subset):
    def drawn(self, text: str, at: int, bare: bool = False) -> Iterator[tuple[Positions, int]]:
        wide = cast(Subset, self.wide)
        return ((own, end) for own, end in wide.drawn(text, at, bare) if self.placed(own) in self._places)

    @cached_property
    def options(self) -> tuple[str, ...]:
        used = {p for own in self.allowed for p in own}
        return tuple(name for p, name in enumerate(self.members) if p in used)

    @property
    def pattern(self) -> str:
        if self.choices <= len(self.options):
            return " | ".join(self.listed(own) for own in self.allowed)
        return replace(cast(Subset, self.wide), members=self.options).pattern


@dataclass(frozen=True)
class NarrowedArrangement(Narrowed, Arrangement):  # type: ignore[misc]
    @property
    def pattern(self) -> str:
        return " | ".join(f"[{', '.join(self.items[p] for p in own)}]" for own in self.allowed)


@dataclass(frozen=True)
class NarrowedGates(Narrowed, Gates):
    @property
    def pattern(self) -> str:
        used = {p for own in self.allowed for p in own}
        return replace(cast(Gates, self.wide), members=tuple(self.members[p] for p in sorted(used))).pattern


@dataclass(frozen=True)
class NarrowedDepth(Narrowed, Depth):
    @property
    def options(self) -> tuple[str, ...]:
        return tuple(map(str, self.allowed))


KINDS: Mapping[type[Decision], type[Narrowed]] = {
    Choice: NarrowedChoice, Subset: NarrowedSubset, Arrangement: NarrowedArrangement, Gates: NarrowedGates,
    Depth: NarrowedDepth,
}  # fmt: skip


def narrowed(decision: Decision, allowed: Iterable[Any]) -> Decision:
    """The decision with only these of its own alternatives (in its order), as far as their children have values."""
    wide = decision.wide if isinstance(decision, Narrowed) else decision
    left = tuple(own for own in allowed if all(w.size for w in wide.brings(own)))
    values = {f.name: getattr(wide, f.name) for f in fields(wide)}  # type: ignore[arg-type]
    return KINDS[type(wide)](**values, allowed=left, wide=wide)


def left(decision: Decision) -> Iterator[Any]:
    """The own alternatives of a decision, in its order; E0825 where they are too many to be listed."""
    if decision.choices > MOST:
        what = f"`{decision.path}` can be decided in {decision.choices:,} ways, and {MOST:,} can be told apart here"
        raise error("E0825", what, notes=("narrow it to fewer members first",))
    return (decision.alternative(i) for i in range(decision.choices))


def with_below(decision: Decision, made: tuple[Written, ...]) -> Decision:
    """The decision whose alternatives bring these along, in the place of those it had."""
    wide = decision.wide if isinstance(decision, Narrowed) else decision
    match wide:
        case Choice():
            wide = replace(wide, alternatives=made)
        case Subset():
            wide = replace(wide, reads=made)
        case Gates():
            wide = replace(wide, members=made)
        case Depth():
            rest = [iter(w.decisions) for w in made]
            bodies = tuple(
                tuple(
                    replace(e, parts=tuple(Written(p.text, tuple(next(it) for _ in p.decisions)) for p in e.parts))
                    for e in body
                )
                for body, it in zip(wide.bodies, rest, strict=True)
            )
            wide = replace(wide, bodies=bodies)
    if isinstance(decision, Narrowed):
        return narrowed(wide, decision.allowed)
    return narrowed(wide, left(wide)) if any(w.size == 0 for w in made) else wide
