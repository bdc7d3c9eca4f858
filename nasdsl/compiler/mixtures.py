"""How the rows of mixing weights stand for a decision: one class for each way, which reads and writes them.

Here are the decisions of one row each; those of several rows, sets and orders, are in `selections.py`.

An own alternative of a decision costs what its logarithmic weights are less than those of the best: the best costs 0.
A decision asks nothing of those below it, so the best value of all takes the best of each; and a decision that is not
made costs nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, log
from typing import Any

from nasdsl.compiler.tables import Row, RowKind
from nasdsl.diagnostics import InternalError, error
from nasdsl.space.group import Decision, Group

LEAST = 1e-30
"""What a weight counts at least, so that it has a logarithm."""

Weights = Mapping[str, Sequence[Sequence[float]]]
Edges = Mapping[str, Sequence[float]]


def cost_of(weight: float) -> float:
    return -log(max(weight, LEAST))


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a decision is: below the member of a set that is read through it, whose edge also says the operation."""

    member: str = ""
    edge: Row | None = None

    def place(self, name: str = "") -> str:
        """The place of a row: below a member its name comes first."""
        return ".".join(part for part in (self.member, name) if part)


NOWHERE = Reader()


@dataclass
class Rows:
    """The rows of a space by path and place, and what they weigh where weights are given."""

    rows: Iterable[Row]
    weights: Weights = field(default_factory=dict)
    edges: Edges | None = None

    def __post_init__(self) -> None:
        self._at = {(row.path, row.place): row for row in self.rows}
        self._kinds: dict[str, RowKind] = {row.path: row.kind for row in self._at.values()}
        self._read: dict[tuple[str, int], Sequence[float]] = {}

    def find(self, path: str, place: str) -> Row | None:
        return self._at.get((path, place))

    def kind(self, path: str) -> RowKind | None:
        return self._kinds.get(path)

    def need(self, decision: Decision, place: str, columns: int) -> Row:
        """The row of a decision at a place; it is an own mistake if there is none, or one of other columns."""
        row = self.find(decision.path, place)
        if row is None:
            raise InternalError(f"`{decision.path}` has no row at `{place}`")
        if columns and len(row.columns) != columns:
            raise InternalError(f"`{row.name}` has {len(row.columns)} columns, not {columns}")
        return row

    def of(self, row: Row) -> Sequence[float]:
        """What the columns of a row weigh. Raises E0941 where that is no number."""
        if (row.table, row.index) in self._read:
            return self._read[row.table, row.index]
        own = self.weights[row.table][row.index]
        if len(own) != len(row.columns):
            raise InternalError(f"`{row.name}` has {len(row.columns)} columns and {len(own)} weights")
        for column, weight in zip(row.columns, own, strict=True):
            if not isfinite(weight):
                raise error(
                    "E0941", f"`{row.name}` weighs `{column}` {weight}, which is no number to compare",
                    notes=("a search that diverged leaves such weights",),
                    helps=("lower the learning rate of the architecture",),
                )  # fmt: skip
        self._read[row.table, row.index] = own
        return own

    def edge(self, row: Row) -> float:
        """What the edge of a row weighs, 1 where edges have no weights of their own. Raises E0941."""
        if self.edges is None or row.table not in self.edges:
            return 1.0
        weight = self.edges[row.table][row.index]
        if not isfinite(weight):
            raise error("E0941", f"the edge `{row.name}` weighs {weight}, which is no number to compare",
                        helps=("lower the learning rate of the architecture",))  # fmt: skip
        return weight


class Mixture(ABC):
    """A decision and its rows."""

    def __init__(self, rows: Rows, decision: Any, reader: Reader) -> None:
        self.rows, self.decision, self.reader = rows, decision, reader

    @abstractmethod
    def cost(self, chosen: Any) -> float:
        """What an own alternative costs, up to a constant."""

    @abstractmethod
    def marks(self, chosen: Any) -> Iterator[tuple[Row, int]]:
        """The rows and columns of weight 1 where the alternative is taken; all rows not named are at column 0."""

    @abstractmethod
    def every(self) -> Iterator[Any]:
        """All own alternatives of the kind in ascending order of cost."""

    def best(self) -> Any:
        """The alternative that the weights say."""
        return next(self.ways())

    def ways(self) -> Iterator[Any]:
        """The own alternatives that are left in the space in ascending order of cost."""
        allowed = self.decision.allowed
        return self.every() if allowed is None else iter(sorted(allowed, key=self.cost))

    def brings(self, chosen: Any) -> list[tuple[Group, Reader]]:
        """The decisions below an alternative, group by group, each with where it is."""
        below = Reader(self.reader.member)
        return [(written.decisions, below) for written in self.decision.brings(chosen)]


class Fixed(Mixture):
    """A decision of one alternative, without rows."""

    def cost(self, chosen: Any) -> float:
        return 0.0

    def marks(self, chosen: Any) -> Iterator[tuple[Row, int]]:
        return iter(())

    def every(self) -> Iterator[Any]:
        return iter((self.decision.alternative(0),))


class Listed(Mixture):
    """One row, whose columns are the alternatives: all of the kind, or those that are left."""

    def row(self) -> Row:
        return self.rows.need(self.decision, self.reader.member, 0)

    def alternatives(self) -> Sequence[Any]:
        """The own alternatives of the kind, in the order of the columns."""
        return range(len(self.decision.alternatives))

    def before(self) -> int:
        """How many columns stand before those of the alternatives."""
        return 0

    def column(self, chosen: Any) -> int:
        row, allowed = self.row(), self.decision.allowed
        columns = len(row.columns) - self.before()
        for listed in (self.alternatives(), allowed or ()):
            if columns == len(listed):
                return self.before() + listed.index(chosen)
        raise InternalError(f"`{row.name}` has {len(row.columns)} columns")

    def cost(self, chosen: Any) -> float:
        return cost_of(self.rows.of(self.row())[self.column(chosen)])

    def marks(self, chosen: Any) -> Iterator[tuple[Row, int]]:
        yield self.row(), self.column(chosen)

    def every(self) -> Iterator[Any]:
        return iter(sorted(self.alternatives(), key=self.cost))


class Chosen(Listed):
    """A choice: the largest weight, of equal ones the first."""


class Repeated(Listed):
    """How often a part repeats: the count of the largest weight."""

    def alternatives(self) -> Sequence[int]:
        return self.decision.counts  # type: ignore[no-any-return]


class Operation(Listed):
    """The operation of an edge: the largest weight beside that of `absent`; `none` only where all others weigh 0.

    That `none` is left out is the rule of DARTS (Liu et al., 2019, section 2.4).
    """

    def row(self) -> Row:
        assert self.reader.edge is not None
        return self.reader.edge

    def before(self) -> int:
        return 1

    def cost(self, chosen: Any) -> float:
        return operation_costs(self.rows, self.row())[self.column(chosen) - 1]


def operation_costs(rows: Rows, row: Row) -> list[float]:
    """What each operation of an edge costs. A `none` among others counts as hardly more than no weight at all."""
    columns, own = row.columns[1:], rows.of(row)[1:]
    if set(columns) == {"none"}:
        return [cost_of(weight) for weight in own]
    return [
        cost_of(LEAST * (1.0 + max(weight, 0.0)) if column == "none" else weight)
        for column, weight in zip(columns, own, strict=True)
    ]
