"""What a kind of decision must offer, groups of independent decisions, and the text that shows them.

A decision's value is its own part, what was *chosen*, with the values of the decisions that this choice brings along,
its *children*. Values are plain nested tuples, so genotypes share structure. A `Group` is a sequence of independent
decisions, the first most significant; `Values` is aligned with it. Whatever varies, counts or writes a space asks only
`Decision`, so a new kind is one class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from random import Random
from typing import TYPE_CHECKING, Any

from nasdsl.diagnostics import InternalError
from nasdsl.source import Span

if TYPE_CHECKING:
    from nasdsl.space.text import Entry

Value = Any  # a nested tuple of ints; each kind knows its own
Values = tuple[Value, ...]

UNSHOWN: Any = None
"""Stands for the value of a decision that the text just read does not show."""


class Decision(ABC):
    """One open question of a space. `path` is unique in the space, e.g. `normal.n[0].op[1]`."""

    path: str
    span: Span | None
    # The own alternatives that are left where the decision was narrowed, see `narrowed`.
    allowed: tuple[Any, ...] | None = None

    @property
    @abstractmethod
    def size(self) -> int:
        """How many values there are, children counted."""

    @property
    @abstractmethod
    def choices(self) -> int:
        """How many alternatives of its own there are, children not counted."""

    @property
    @abstractmethod
    def bears(self) -> bool:
        """Whether a value can have children."""

    @property
    @abstractmethod
    def steady(self) -> int | None:
        """How many active decisions could be taken differently, this one and those below it; None where it varies."""

    @property
    @abstractmethod
    def form(self) -> tuple[Any, ...]:
        """What is decided, without the path: decisions of one form have the same values."""

    @abstractmethod
    def contains(self, value: object) -> bool: ...

    @abstractmethod
    def rank(self, value: Value) -> int:
        """The number of a value: own alternatives in order, then the children, first most significant."""

    @abstractmethod
    def unrank(self, rank: int) -> Value:
        """The inverse of `rank` for 0 <= rank < size."""

    @abstractmethod
    def alternative(self, index: int) -> Any:
        """Own alternative 0 <= index < choices, in the order of `rank`."""

    @abstractmethod
    def index(self, chosen: Any) -> int:
        """The inverse of `alternative`."""

    @abstractmethod
    def brings(self, chosen: Any) -> Sequence[Written]:
        """What an own alternative brings along: the decisions of its children, and how they are written."""

    @property
    @abstractmethod
    def below(self) -> Sequence[Written]:
        """All that any own alternative brings along."""

    def inner(self, chosen: Any) -> Sequence[Sequence[Entry]] | None:
        """What an own alternative brings along as entries of the genotype's text; None where `brings` says it all."""
        return None

    @abstractmethod
    def join(self, chosen: Any, children: Sequence[Values]) -> Value:
        """The value of an own alternative and its children's values."""

    @abstractmethod
    def split(self, value: Value) -> tuple[Any, Sequence[Values]]:
        """The inverse of `join`."""

    @abstractmethod
    def text(self, value: Value) -> str: ...

    @abstractmethod
    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        """Every way to read a value from `text` at `at`: the value and where it ends, at most one for each end."""

    @property
    @abstractmethod
    def options(self) -> tuple[str, ...]:
        """What there is to choose from, piece by piece."""

    @property
    @abstractmethod
    def pattern(self) -> str:
        """All that could be written here, in the language's own words."""

    def carry(self, value: Value, chosen: Any) -> Sequence[Values | None]:
        """The children that `value` can hand on when `chosen` takes its place; None where there is none to hand on."""
        return [None] * len(self.brings(chosen))

    def chosen(self, value: Value) -> Any:
        return self.split(value)[0]

    def children(self, value: Value) -> list[tuple[Group, Values]]:
        """The decisions that are active under this value, group by group, with their values."""
        chosen, children = self.split(value)
        return [(w.decisions, values) for w, values in zip(self.brings(chosen), children, strict=True)]

    def sample(self, rng: Random) -> Value:
        """A value, each with the same probability."""
        return self.unrank(rng.randrange(self.size))

    def weighed(self, rng: Random) -> Value:
        """A value by weights: the own alternative as often as its weight says, then its children likewise."""
        chosen = self.favoured(rng)
        return self.join(chosen, [weighed(w.decisions, rng) for w in self.brings(chosen)])

    def favoured(self, rng: Random) -> Any:
        """An own alternative, drawn by the weights; uniformly where there are none."""
        return self.alternative(rng.randrange(self.choices))

    def turned(self, value: Value, rng: Random) -> Value:
        """A value whose own alternative is another, each with the same probability; needs two of them."""
        index = rng.randrange(self.choices - 1)
        return self.taken(value, self.alternative(index + (index >= self.index(self.chosen(value)))), rng)

    def taken(self, value: Value, chosen: Any, rng: Random) -> Value:
        """The value with that own alternative. Children are carried over where they fit and sampled where new."""
        kept = zip(self.brings(chosen), self.carry(value, chosen), strict=True)
        return self.join(chosen, [sampled(w.decisions, rng) if values is None else values for w, values in kept])

    def neighbours(self, value: Value) -> Iterator[Value]:
        """All values that `turned` can give; a neighbour of one value has it for a neighbour."""
        own = self.index(self.chosen(value))
        for index in range(self.choices):
            if index != own:
                chosen = self.alternative(index)
                kept = self.carry(value, chosen)
                new = [w.decisions for w, values in zip(self.brings(chosen), kept, strict=True) if values is None]
                # One group for all that is new: its values are made one by one, however many there are.
                for made in every(sum(new, ())):
                    yield self.join(chosen, dealt(kept, new, made))

    def near(self, value: Value) -> int:
        """How many values `neighbours` gives. A kind with many alternatives knows it without going through them."""
        own, total = self.chosen(value), 0
        for index in range(self.choices):
            chosen = self.alternative(index)
            if chosen != own:
                kept = zip(self.brings(chosen), self.carry(value, chosen), strict=True)
                total += prod(w.size for w, values in kept if values is None)
        return total


Group = tuple[Decision, ...]

# ---- groups ------------------------------------------------------------------------------------


def steady(group: Group) -> int | None:
    """How many active decisions could be taken differently, where that does not depend on the values."""
    counts = [d.steady for d in group]
    return None if None in counts else sum(count for count in counts if count is not None)


def size(group: Group) -> int:
    return prod(d.size for d in group)


def rank(group: Group, values: Values) -> int:
    total = 0
    for d, value in zip(group, values, strict=True):
        total = total * d.size + d.rank(value)
    return total


def unrank(group: Group, rank: int) -> Values:
    if not group:
        return ()
    values = []
    for d in reversed(group):
        rank, digit = divmod(rank, d.size)
        values.append(d.unrank(digit))
    values.reverse()
    return tuple(values)


def sampled(group: Group, rng: Random) -> Values:
    return unrank(group, rng.randrange(size(group))) if group else ()


def weighed(group: Group, rng: Random) -> Values:
    """Values by the weights of the alternatives."""
    return tuple(d.weighed(rng) for d in group)


def every(group: Group) -> Iterator[Values]:
    """All values, in the order of their ranks."""
    return (unrank(group, r) for r in range(size(group)))


def dealt(kept: Sequence[Values | None], new: Sequence[Group], made: Values) -> list[Values]:
    """The children that are kept, and where there is none its share of `made`, the values of all `new` groups."""
    children, at, groups = [], 0, iter(new)
    for values in kept:
        if values is None:
            values = made[at : at + len(group := next(groups))]
            at += len(group)
        children.append(values)
    return children


def contains(group: Group, values: object) -> bool:
    return (
        isinstance(values, tuple)
        and len(values) == len(group)
        and all(d.contains(value) for d, value in zip(group, values, strict=True))
    )


# ---- text with holes ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """What is written for some decisions: text with holes, each the position of one decision.

    `conv(3 | 5)` is `Written(("conv(", 0, ")"), (kernel,))`. A decision without a hole stands inside a block that the
    text only names; a genotype shows it on a line of its own.
    """

    text: tuple[str | int, ...]
    decisions: Group = ()

    def __post_init__(self) -> None:
        holes = [piece for piece in self.text if isinstance(piece, int)]
        if len(set(holes)) < len(holes) or not all(0 <= hole < len(self.decisions) for hole in holes):
            raise InternalError(f"the holes of {self.text!r} are not {len(self.decisions)} decisions")

    @cached_property
    def size(self) -> int:
        return size(self.decisions)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        return (self.text, *(d.form for d in self.decisions))

    @cached_property
    def unshown(self) -> tuple[int, ...]:
        """The decisions without a hole."""
        return tuple(i for i in range(len(self.decisions)) if i not in self.text)

    @cached_property
    def pattern(self) -> str:
        """All that could be written here, in the language's own words."""
        return "".join(p if isinstance(p, str) else self.decisions[p].pattern for p in self.text)

    def write(self, values: Values) -> str:
        return "".join(p if isinstance(p, str) else self.decisions[p].text(values[p]) for p in self.text)

    def matches(self, text: str, at: int = 0) -> Iterator[tuple[Values, int]]:
        """Every way to read the values from `text` at `at`, at most one for each end; UNSHOWN without a hole."""
        found: dict[int, dict[int, Value]] = {at: {}}
        for piece in self.text:
            if isinstance(piece, str):
                found = {end + len(piece): read for end, read in found.items() if text.startswith(piece, end)}
                continue
            further: dict[int, dict[int, Value]] = {}
            for start, read in found.items():
                for value, end in self.decisions[piece].matches(text, start):
                    further.setdefault(end, {**read, piece: value})
            found = further
        for end, read in found.items():
            yield tuple(read.get(i, UNSHOWN) for i in range(len(self.decisions))), end
