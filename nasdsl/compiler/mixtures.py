"""How the rows of mixing weights stand for a decision: one class for each way, which reads and writes them.

An own alternative of a decision costs what its logarithmic weights are less than those of the best: the best costs 0.
A decision asks nothing of those below it, so the best value of all takes the best of each; and a decision that is not
made costs nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from math import inf, isfinite, log
from typing import Any

from nasdsl.compiler.ranking import ascending, distinct, independent, subsets
from nasdsl.compiler.tables import Row, RowKind
from nasdsl.diagnostics import InternalError, error
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.group import Decision, Group
from nasdsl.space.positions import Positions

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

    def mixture(self, decision: Decision, reader: Reader = NOWHERE) -> Mixture:
        """How a decision is mixed at its place; an own mistake where it is open and no row stands for it."""
        way = self.way(decision, reader)
        if way is None and decision.choices != 1:
            raise InternalError(f"`{decision.path}` is open and has no row")
        return (way or Fixed)(self, decision, reader)

    def way(self, decision: Decision, reader: Reader) -> type[Mixture] | None:
        """How the rows of a decision are read; None where it has none."""
        if isinstance(decision, Choice | Depth) and self.find(decision.path, reader.member) is not None:
            return Chosen if isinstance(decision, Choice) else Repeated
        if isinstance(decision, Choice):
            edge = reader.edge
            return None if edge is None or edge.columns[1:] == ("present",) else Operation
        match self.kind(decision.path), decision:
            case "edge", Subset(least=least, most=most):
                return Strongest if least == most else Kept
            case "source", Subset():
                return Drawn
            case "gate", Subset() | Gates():
                return Gated
            case "order", Arrangement():
                return Ordered
        return None


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


class Members(Mixture):
    """A subset with a row for each member, of which `absent` is the first column."""

    def names(self) -> Sequence[str]:
        return self.decision.members  # type: ignore[no-any-return]

    def row(self, position: int) -> Row | None:
        """The row of a member; None where the space was narrowed and never takes it."""
        place = self.reader.place(self.names()[position])
        if self.decision.allowed is not None and not any(position in own for own in self.decision.allowed):
            return self.rows.find(self.decision.path, place)
        return self.rows.need(self.decision, place, 0)

    def listed(self) -> list[Row | None]:
        return [self.row(p) for p in range(len(self.names()))]

    def marks(self, chosen: Positions) -> Iterator[tuple[Row, int]]:
        for p in chosen:
            row = self.row(p)
            assert row is not None
            yield row, 1

    def bounds(self) -> tuple[int, int]:
        return self.decision.least, getattr(self.decision, "most", len(self.names()))


class Gated(Members):
    """Any members: those of more than half the weight, and as many more or fewer as the bounds say, by weight."""

    def names(self) -> Sequence[str]:
        found: Sequence[str] = self.decision.options if isinstance(self.decision, Gates) else self.decision.members
        return found

    def presence(self, row: Row) -> float:
        """How much a member is there, 0 to 1."""
        return self.rows.of(row)[1]

    def presences(self) -> list[float]:
        return [0.0 if row is None else min(max(self.presence(row), 0.0), 1.0) for row in self.listed()]

    def cost(self, chosen: Positions) -> float:
        there = self.presences()
        return sum(cost_of(p if i in chosen else 1.0 - p) for i, p in enumerate(there))

    def every(self) -> Iterator[Positions]:
        there = self.presences()
        least, most = self.bounds()
        by_weight = sorted(range(len(there)), key=lambda i: -there[i])
        count = min(max(sum(p > 0.5 for p in there), least), most)
        best = tuple(sorted(by_weight[:count]))
        yield best
        found = subsets([cost_of(p) for p in there], [cost_of(1.0 - p) for p in there], least, most)
        yield from (positions for _, positions in found if positions != best)


class ThroughEdges(Members):
    """Members each of which is read through an operation that its own row says, whatever slot it comes to stand in.

    The slots are alike, so what the first one decides stands for all of them, once for each member.
    """

    def brings(self, chosen: Positions) -> list[tuple[Group, Reader]]:
        if not self.decision.reads:
            return []
        own: Group = self.decision.reads[0].decisions
        return [(own, Reader(self.reader.place(self.names()[p]), self.row(p))) for p in chosen]


class Kept(ThroughEdges, Gated):
    """A set of open size: members whose `absent` weighs less than half. Weights of edges play no part."""

    def presence(self, row: Row) -> float:
        return 1.0 - self.rows.of(row)[0]


class Strongest(ThroughEdges):
    """A set of fixed size: the members whose best operation weighs most, times the weight of their edge.

    DARTS (Liu et al., 2019, section 2.4), with edge weights PC-DARTS (Xu et al., 2020, section 3.3).
    """

    def costs(self) -> list[float]:
        return [
            inf if row is None else min(operation_costs(self.rows, row)) + cost_of(self.rows.edge(row))
            for row in self.listed()
        ]

    def cost(self, chosen: Positions) -> float:
        own = self.costs()
        return sum(own[p] for p in chosen)

    def every(self) -> Iterator[Positions]:
        own = self.costs()
        count = self.decision.most
        best = tuple(sorted(sorted(range(len(own)), key=own.__getitem__)[:count]))
        yield best
        found = subsets(own, [0.0] * len(own), count, count)
        yield from (positions for _, positions in found if positions != best)


class Slots(Mixture):
    """A member for each slot, by a row for each slot."""

    def row(self, slot: int) -> Row:
        return self.rows.need(self.decision, self.reader.place(str(slot)), 0)

    def most(self) -> int:
        return len(self.decision.items)

    def members(self) -> int:
        return len(self.decision.items)

    def optional(self, slot: int) -> bool:
        """Whether a slot may be left empty: its row then begins with `absent`."""
        return False

    def costs(self, count: int) -> list[list[float]]:
        """What each member costs in each of the first `count` slots."""
        found = []
        for slot in range(count):
            own = self.rows.of(self.row(slot))
            found.append([cost_of(weight) for weight in own[self.before(slot) :]])
        return found

    def before(self, slot: int) -> int:
        row = self.row(slot)
        if len(row.columns) != self.members() + self.optional(slot):
            raise InternalError(f"`{row.name}` has {len(row.columns)} columns for {self.members()} values")
        return int(self.optional(slot))

    def marks(self, chosen: Positions) -> Iterator[tuple[Row, int]]:
        return ((self.row(slot), self.before(slot) + p) for slot, p in enumerate(chosen))

    def cost(self, chosen: Positions) -> float:
        own = self.costs(len(chosen))
        return sum(own[slot][p] for slot, p in enumerate(chosen))


class Ordered(Slots):
    """A permutation: the assignment of items of the largest summed log-weight."""

    def every(self) -> Iterator[Positions]:
        return (chosen for _, chosen in distinct(self.costs(self.most())))


class Drawn(Slots):
    """The values that slots read: with repeats each the best of its own, else the best ones that are distinct.

    A set takes them in ascending order, since its first slot reads the first of them. Where their number is open the
    rows of slots that may be empty begin with `absent`.
    """

    def most(self) -> int:
        return self.decision.most  # type: ignore[no-any-return]

    def members(self) -> int:
        return len(self.decision.members)

    def optional(self, slot: int) -> bool:
        return slot >= self.decision.least  # type: ignore[no-any-return]

    def counted(self, count: int) -> float:
        """What it costs that so many slots are filled, and that each is filled with the best of its row."""
        total = 0.0
        for slot in range(self.decision.least, self.most()):
            absent = min(max(self.rows.of(self.row(slot))[0], 0.0), 1.0)
            total += cost_of(1.0 - absent if slot < count else absent)
        return total - sum(min(own) for own in self.costs(count))

    def cost(self, chosen: Positions) -> float:
        return self.counted(len(chosen)) + super().cost(chosen)

    def every(self) -> Iterator[Positions]:
        way = {"repeats": independent, "order": distinct, "set": ascending}[self.decision.mode]

        def of_count(count: int) -> Iterator[tuple[float, Positions]]:
            more = self.counted(count)
            return ((more + cost, chosen) for cost, chosen in way(self.costs(count)))

        counts = range(self.decision.least, self.most() + 1)
        return (chosen for _, chosen in merge(*map(of_count, counts), key=lambda found: found[0]))
