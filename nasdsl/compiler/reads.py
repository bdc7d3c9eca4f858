"""Which values a node reads in search form, and the rows that weigh them: one rule for each kind of set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from nasdsl.compiler.gate import ONE, ZERO, Gate, Weight, less, plus
from nasdsl.compiler.tables import RowKind
from nasdsl.diagnostics import error
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.gates import Gates
from nasdsl.space.group import Decision
from nasdsl.space.narrowed import Narrowed

if TYPE_CHECKING:
    from nasdsl.compiler.searchcells import SearchGraph
    from nasdsl.compiler.searchlower import SearchLowering


@dataclass(frozen=True)
class Edge:
    """One edge into a node: the values it may read by their gates, each with what it passes through.

    `there` is how much the edge is there, `optional` whether it may be missing. `row` is its row where it has a weight
    of its own. `redirect` is the path of the operation's choice and the row that stands for it.
    """

    sources: tuple[tuple[Gate, int, sk.Step | None], ...]
    name: str
    by_slot: bool
    there: Gate = ONE
    optional: bool = False
    row: int | None = None
    redirect: tuple[str, int] | None = None
    # Whether exactly one of the edges of its name is there.
    single: bool = False

    def slot(self, member: str) -> str:
        return f"{self.name}_{member}" if self.by_slot else f"{member}_{self.name}"

    @contextmanager
    def within(self, lowering: SearchLowering) -> Iterator[None]:
        """Inside, the operation's own decisions are those of this edge."""
        if self.redirect is None:
            yield
            return
        path, row = self.redirect
        outer = lowering.place
        lowering.redirected[path] = row
        lowering.place = lowering.drafts[row].place
        try:
            yield
        finally:
            del lowering.redirected[path]
            lowering.place = outer


class Reading:
    """What the nodes of one use of a graph read."""

    def __init__(self, lowering: SearchLowering, use: SearchGraph) -> None:
        self.lowering = lowering
        self.use = use

    def edges(self, node: sk.Node) -> Iterator[Edge]:
        for i, reads in enumerate(node.reads):
            if reads.path is None:
                for j, (member, op) in enumerate(zip(reads.members, reads.ops, strict=True)):
                    yield from self.fixed(node, member, op, f"{i}.{j}")
            else:
                decision = self.lowering.decisions[reads.path]
                assert isinstance(decision, Subset)
                yield from self.drawn(node, reads, decision, i)

    def fixed(self, node: sk.Node, member: int, op: sk.Step | None, name: str) -> Iterator[Edge]:
        """A value that is always read, through one operation or through some of several."""
        lowering = self.lowering
        if not isinstance(op, sk.Parallel):
            row = None
            if lowering.form.edges and owned(op, node) and lowering.is_open(op.path):
                columns = lowering.decisions[op.path].options
                row = lowering.row("choice", op.path, lowering.edge_of(op.path), columns, node.path)
            yield Edge(((ONE, member, op),), name, False, row=row)
            return
        decision = lowering.decisions[op.path]
        assert isinstance(decision, Gates)
        if lowering.is_open(op.path):
            names = {p: part.pattern for p, part in enumerate(decision.members)}
            for p in used(decision):
                row = lowering.row("gate", op.path, names[p], ("absent", "present"))
                gate = Weight(row, 1)
                yield Edge(((gate, member, op.alternatives[p]),), f"{name}.{p}", False, gate, True)
            return
        drawn = lowering.chosen[op.path]
        assert isinstance(drawn, tuple)
        for p in drawn:
            yield Edge(((ONE, member, op.alternatives[p]),), f"{name}.{p}", False)

    def drawn(self, node: sk.Node, reads: sk.Reads, decision: Subset, group: int) -> Iterator[Edge]:
        assert reads.path is not None
        if any(isinstance(op, sk.Parallel) for op in reads.ops):
            raise error(
                "E0902", f"`{reads.path}` draws values that pass through some of several operations",
                reads.span, "cannot be relaxed", helps=("from all of ...: a gate for every operation says as much",),
            )  # fmt: skip
        whole = alike(decision, reads, self.lowering)
        if not self.lowering.is_open(reads.path):
            chosen = self.lowering.chosen[reads.path]
            assert isinstance(chosen, tuple)
            for j, (p, op) in enumerate(zip(chosen, reads.ops, strict=False)):
                yield Edge(((ONE, reads.members[p], op),), str(group) if whole else f"slot{group}.{j}", not whole)
        elif whole:
            yield from self.members(node, reads, decision, group)
        else:
            yield from self.slots(reads, decision, group)

    def members(self, node: sk.Node, reads: sk.Reads, decision: Subset, at: int) -> Iterator[Edge]:
        """A set: every value is read, as much as it is not absent."""
        lowering, op = self.lowering, reads.ops[0]
        assert reads.path is not None
        switch = op if owned(op, node) and lowering.is_open(op.path) else None
        options = lowering.decisions[switch.path].options if switch is not None else ("present",)
        kind: RowKind = "gate" if op is None and decision.least < decision.most else "edge"
        weighed = lowering.form.edges and switch is not None
        sets, single = decision.allowed, decision.least == decision.most == 1
        for p in used(decision):
            row = lowering.row(
                kind, reads.path, decision.members[p], ("absent", *options), node.path if weighed else ""
            )
            there = plus(*(Weight(row, 1 + i) for i in range(len(options))))
            gate = ONE if switch is not None else Weight(row, 1)
            # Below the operation everything is decided for each member.
            redirect = (op.path, row) if isinstance(op, sk.Switch) and within(node, op) else None
            certain = len(reads.members) == decision.least if sets is None else all(p in own for own in sets)
            own = row if weighed else None
            sources = ((gate, reads.members[p], op),)
            yield Edge(sources, str(at), False, there, not certain, own, redirect, single)

    def slots(self, reads: sk.Reads, decision: Subset, group: int) -> Iterator[Edge]:
        """A sequence: every slot reads any of the values."""
        assert reads.path is not None
        if decision.least != decision.most:
            raise error(
                "E0902", f"`{reads.path}` draws an open number of values in order", reads.span, "cannot be relaxed",
                notes=("a set of open size can be, and so can a sequence of fixed length",),
            )  # fmt: skip
        for j, op in enumerate(reads.ops):
            gates: list[Gate] = [ONE]
            if len(reads.members) > 1:
                row = self.lowering.row("source", reads.path, str(j), decision.members)
                gates = [Weight(row, i) for i in range(len(reads.members))]
            sources = tuple((gate, member, op) for gate, member in zip(gates, reads.members, strict=True))
            yield Edge(sources, f"slot{group}.{j}", True)

    def absorbed(self, node: sk.Node) -> list[tuple[int, Gate]]:
        """The values that join without an operation, and how much."""
        absorb, lowering = node.absorb, self.lowering
        if isinstance(absorb, tuple):
            return [(m, ONE) for m in absorb]
        assert isinstance(absorb, sk.Drawn)
        if not lowering.is_open(absorb.path):
            drawn = lowering.chosen[absorb.path]
            assert isinstance(drawn, tuple)
            return [(absorb.members[p], ONE) for p in drawn]
        decision = lowering.decisions[absorb.path]
        assert isinstance(decision, Subset)
        found: list[tuple[int, Gate]] = []
        for p in used(decision):
            m = absorb.members[p]
            if decision.least == len(absorb.members):
                found.append((m, ONE))
                continue
            row = lowering.row("gate", absorb.path, decision.members[p], ("absent", "present"))
            found.append((m, Weight(row, 1)))
        return found

    # ---- arrays of open length ----

    def there(self, position: int) -> Gate:
        """How much a node is not beyond the length of its array."""
        node = self.use.graph.nodes[position - self.use.inputs] if position >= self.use.inputs else None
        if node is None or node.within is None:
            return ONE
        return plus(*(gate for gate, count in self.lowering.lengths(node.within.path) if count > node.within.index))

    def last(self, members: Sequence[int]) -> list[tuple[Gate, int]]:
        """How much each of some values is the last that is there."""
        found: list[tuple[Gate, int]] = []
        for i, m in enumerate(members):
            later = [self.there(n) for n in members[i + 1 :]]
            if ONE in later:
                continue
            behind = next((gate for gate in later if gate != ZERO), None)
            own = self.there(m)
            if own == ZERO:
                continue
            if behind is None:
                found.append((own, m))
                continue
            # There, and the next is not: the lengths between the two.
            found.append((self.between(m, members[i + 1]), m))
        return [(gate, m) for gate, m in found if gate != ZERO]

    def between(self, member: int, following: int) -> Gate:
        nodes, inputs = self.use.graph.nodes, self.use.inputs
        after = nodes[following - inputs].within
        own = nodes[member - inputs].within if member >= inputs else None
        assert after is not None
        least = -1 if own is None or own.path != after.path else own.index
        gates = [gate for gate, count in self.lowering.lengths(after.path) if least < count <= after.index]
        return plus(*gates) if own is None or own.path == after.path else less(self.there(following))


def alternatives(decision: Decision) -> list[Any]:
    return [decision.alternative(i) for i in range(decision.choices)]


def used(decision: Subset | Gates) -> list[int]:
    """The members that are there in some alternative: a decision may be narrowed."""
    if not isinstance(decision, Narrowed):
        return list(range(len(decision.members)))
    return sorted({p for own in alternatives(decision) for p in own})


def owned(op: sk.Step | None, node: sk.Node) -> TypeGuard[sk.Switch]:
    """Whether an edge chooses its operation, and not a decision that stands elsewhere, as one that is declared."""
    return isinstance(op, sk.Switch) and len(op.alternatives) > 1 and within(node, op)


def within(node: sk.Node, op: sk.Switch) -> bool:
    return op.path.startswith(f"{node.path}.")


def alike(decision: Subset, reads: sk.Reads, lowering: SearchLowering) -> bool:
    """Whether a set is drawn whose places all pass values through the same operations: then a place plays no part."""
    if decision.mode != "set":
        return False
    first = reads.ops[0]
    if isinstance(first, sk.Switch):
        forms = []
        for op in reads.ops:
            if not isinstance(op, sk.Switch):
                return False
            choice = lowering.decisions.get(op.path)
            forms.append((choice.form, choice.options) if isinstance(choice, Choice) else None)
        return None not in forms and len(set(map(str, forms))) == 1
    # A fixed operation is the same in every place where nothing in it is decided.
    return all(op == first for op in reads.ops) and all(not part.decisions for part in decision.reads)
