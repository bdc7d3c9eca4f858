"""How rows of mixing weights stand for sets, sequences and orders; and which way it is for any decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from math import inf

from nasdsl.compiler.mixtures import (
    NOWHERE,
    Chosen,
    Fixed,
    Mixture,
    Operation,
    Reader,
    Repeated,
    Rows,
    cost_of,
    operation_costs,
)
from nasdsl.compiler.ranking import ascending, distinct, independent, subsets
from nasdsl.compiler.tables import Row
from nasdsl.diagnostics import InternalError
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.group import Decision, Group
from nasdsl.space.positions import Positions


def mixture(rows: Rows, decision: Decision, reader: Reader = NOWHERE) -> Mixture:
    """How a decision is mixed at its place; an own mistake where it is open and no row stands for it."""
    way = _way(rows, decision, reader)
    if way is None and decision.choices != 1:
        raise InternalError(f"`{decision.path}` is open and has no row")
    return (way or Fixed)(rows, decision, reader)


def _way(rows: Rows, decision: Decision, reader: Reader) -> type[Mixture] | None:
    """How the rows of a decision are read; None where it has none."""
    if isinstance(decision, Choice | Depth) and rows.find(decision.path, reader.member) is not None:
        return Chosen if isinstance(decision, Choice) else Repeated
    if isinstance(decision, Choice):
        edge = reader.edge
        return None if edge is None or edge.columns[1:] == ("present",) else Operation
    match rows.kind(decision.path), decision:
        case "edge", Subset(least=least, most=most):
            return Strongest if least == most else Kept
        case "source", Subset():
            return Drawn
        case "gate", Subset() | Gates():
            return Gated
        case "order", Arrangement():
            return Ordered
    return None


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
