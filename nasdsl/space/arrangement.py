"""The decision of an order. A value is a permutation, a tuple of positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import factorial
from typing import Any

from nasdsl.source import Span
from nasdsl.space import positions as placing
from nasdsl.space.decisions import Subset
from nasdsl.space.group import Decision, Value, Values, Written
from nasdsl.space.positions import Positions


@dataclass(frozen=True)
class Arrangement(Decision):
    """All of `items` in some order: `order of S`. A value is the permutation; its rank is lexicographic."""

    path: str
    items: tuple[str, ...]
    span: Span | None = field(default=None, compare=False, repr=False)
    bears = False

    @cached_property
    def size(self) -> int:
        return factorial(len(self.items))

    @cached_property
    def choices(self) -> int:
        return self.size

    @cached_property
    def steady(self) -> int:
        return int(self.choices > 1)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        return ("arrangement", self.items)

    def contains(self, value: object) -> bool:
        n = len(self.items)
        return placing.legal("order", n, value) and isinstance(value, tuple) and len(value) == n

    def rank(self, value: Value) -> int:
        return self.index(value)

    def unrank(self, rank: int) -> Value:
        return self.alternative(rank)

    def alternative(self, index: int) -> Positions:
        return placing.unrank("order", len(self.items), len(self.items), index)

    def index(self, chosen: Positions) -> int:
        return placing.rank("order", len(self.items), chosen)

    def brings(self, chosen: Positions) -> Sequence[Written]:
        return ()

    @property
    def below(self) -> Sequence[Written]:
        return ()

    def join(self, chosen: Positions, children: Sequence[Values]) -> Value:
        return chosen

    def split(self, value: Value) -> tuple[Positions, Sequence[Values]]:
        return value, ()

    def near(self, value: Value) -> int:
        return self.choices - 1

    def _as_subset(self) -> Subset:
        n = len(self.items)
        return Subset(self.path, self.items, n, n, "order")

    def text(self, value: Value) -> str:
        return self._as_subset().text((value, ()))

    def matches(self, text: str, at: int) -> Iterator[tuple[Value, int]]:
        return ((value, end) for (value, _), end in self._as_subset().matches(text, at))

    @property
    def options(self) -> tuple[str, ...]:
        return self.items

    @property
    def pattern(self) -> str:
        return f"order of [{', '.join(self.items)}]"
