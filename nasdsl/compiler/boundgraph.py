"""Bounds of what one use of a cell or motif costs, with one shape for every value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nasdsl.compiler.cells import GraphLowering
from nasdsl.compiler.frame import Carried, Wire
from nasdsl.ops.primitive import Shape, Value
from nasdsl.space import skeleton as sk

if TYPE_CHECKING:
    from nasdsl.compiler.bounds import Bounding

Made = TypeVar("Made")


class UnboundedError(Exception):
    """A value has several shapes, or too many choices meet."""


class Extent(NamedTuple):
    """What a part costs: at most, and at least where its value is there (`present`, None where it never is).

    `sure`: its value is there in every genotype.
    """

    present: int | None
    most: int
    sure: bool

    @property
    def least(self) -> int:
        return (self.present or 0) if self.sure else 0


class GraphBounds(NamedTuple):
    """What a use delivers and costs; the least is that of a use whose value is there, and surely reads `ports`."""

    made: Carried
    least: int
    most: int
    sure: bool
    ports: frozenset[int]


class Slot(NamedTuple):
    """What a node reads through one operation: from one of `sources`."""

    present: int | None
    sure: bool
    sources: tuple[int, ...]


class Fact(NamedTuple):
    """What a value costs at least where it is live, what is live with it, and whether it is always there."""

    least: int
    sources: frozenset[int]
    sure: bool


class GraphBounding(GraphLowering):
    """One use of a graph with all that can be there at once. `fed`: nothing that it receives is absent."""

    bounding: Bounding

    def __init__(
        self, bounding: Bounding, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int, fed: bool
    ) -> None:
        super().__init__(bounding, graph, args, width, stride)
        self.bounding = bounding
        self.fed = fed
        self.most = 0
        self.facts: list[Fact] = []

    def add(self, run: Callable[[], Made]) -> tuple[Made, Extent]:
        made, extent = self.bounding.extent(run)
        self.most += extent.most
        return made, extent

    def bounded(self, values: list[Carried]) -> GraphBounds:
        wires, ports = self.add(lambda: self.aligned_ports(values))
        self.wires = list(wires)
        self.facts = [Fact(0, frozenset(), self.fed) for _ in wires]
        for node in self.graph.nodes:
            self.wires.append(self.whole(node))
        if isinstance(self.graph.out.members, sk.Unread) and joins_widths(self.graph.out.merge):
            raise UnboundedError("a concat of what is unread")
        made, out = self.add(self.out)
        live, sure = self.ends()
        least = out.least if sure and not isinstance(self.graph.out.members, sk.Unread) else 0
        for position in range(len(self.facts) - 1, -1, -1):
            if position in live:
                live |= self.facts[position].sources
                least += self.facts[position].least
        read = frozenset(p for p in live if p < self.inputs)
        if len(read) == self.inputs or self.inputs == 1:
            least += ports.least
        return GraphBounds(made, least, self.most, sure and out.sure, read)

    def aligned_ports(self, values: list[Carried]) -> tuple[Wire, ...]:
        self.wires = []
        self.ports(values)
        return tuple(self.wires)

    def ends(self) -> tuple[set[int], bool]:
        """The values that are live where the output is, and whether all that it is made of is always there."""
        out, facts = self.graph.out, self.facts
        if isinstance(out.members, sk.Unread):
            # What is read by no node is read by `out`, where it may be.
            whole = all(fact.sure for fact in facts)
            nodes = set(range(self.inputs, len(facts)))
            return (nodes if whole and nodes <= set(out.members.members) else set()), whole
        if out.merge is None and not out.pyramid:
            last = out.members[-1]
            node = self.graph.nodes[last - self.inputs] if last >= self.inputs else None
            return ({last} if node is None or node.within is None else set()), facts[last].sure
        live = {m for m in out.members if facts[m].sure or len(out.members) == 1}
        return live, all(facts[m].sure for m in out.members)

    def whole(self, node: sk.Node) -> Wire:
        """A node that reads all that it can."""
        lowering = self.lowering
        width = self.width
        if (number := node.width) is not None:
            width, _ = self.add(lambda: lowering.whole(number, self.frame(width), "the width of a node"))
        level = None
        if (at := node.level) is not None:
            level, _ = self.add(lambda: self.level_of(at, node))
        edges: list[Wire] = []
        slots: list[Slot] = []
        for reads in node.reads:
            for j, op in enumerate(reads.ops):
                drawn = reads.path is not None and j >= reads.least
                for wire, slot in self.ways(reads, j, op, level, width):
                    edges.append(wire)
                    slots.append(slot._replace(sure=slot.sure and not drawn))
        absorbed = self.absorbable(node, level, edges)
        is_open = not isinstance(node.absorb, tuple) or any(map(varies, node.reads))
        if is_open and joins_widths(node.merge):
            raise UnboundedError("a concat of an open number")
        if not edges and not absorbed:
            self.facts.append(Fact(0, frozenset(), False))
            return Wire(self.blank(level), 0)
        wires = [self.wires[m] for m in absorbed]
        inner, merge = self.add(lambda: self.joined(node, edges, wires))
        made, then = self.add(lambda: self.closed(node, inner, width))
        complete = not is_open and all(slot.sure for slot in slots) and all(self.facts[m].sure for m in absorbed)
        self.facts.append(self.fact(node, slots, absorbed, then, merge.least if complete else 0))
        return made

    def absorbable(self, node: sk.Node, level: Shape | None, edges: Sequence[Wire]) -> list[int]:
        """What a node may absorb."""
        if isinstance(node.absorb, tuple):
            return list(node.absorb)
        at = (level or (edges or self.wires)[-1].shape).level
        members = node.absorb.members
        return [m for m in members if isinstance(node.absorb, sk.Drawn) or self.wires[m].shape.level == at]

    def fact(self, node: sk.Node, slots: Sequence[Slot], absorbed: Sequence[int], then: Extent, merge: int) -> Fact:
        fixed = isinstance(node.absorb, tuple)
        kept = [m for m in absorbed if fixed and self.facts[m].sure]
        sure = [slot for slot in slots if slot.sure]
        sources = {slot.sources[0] for slot in sure if len(slot.sources) == 1} | set(kept)
        least = (then.present or 0) + merge + sum(slot.present or 0 for slot in sure)
        if not sure and not absorbed:
            # One of them is there.
            least += min((slot.present for slot in slots if slot.present is not None), default=0)
            if len(slots) == 1:
                sources.update(slots[0].sources if len(slots[0].sources) == 1 else ())
        for reads in node.reads:
            if reads.path is not None and reads.least == len(reads.members) and all(s.sure for s in slots):
                sources.update(reads.members)
        there = node.within is None and bool(sure or kept)
        return Fact(least, frozenset(sources), there and then.sure)

    def ways(
        self, reads: sk.Reads, j: int, op: sk.Step | None, level: Shape | None, width: int
    ) -> list[tuple[Wire, Slot]]:
        """What slot j becomes, from the source from which it costs most; each of parallel operations is one."""
        sources = reads.members if reads.path is not None else (reads.members[j],)
        if isinstance(op, sk.Parallel):
            several = [self.way(sources, one, level, width) for one in op.alternatives]
            return [(wire, slot._replace(sure=False)) for wire, slot in several]
        return [self.way(sources, op, level, width)]

    def way(self, sources: tuple[int, ...], op: sk.Step | None, level: Shape | None, width: int) -> tuple[Wire, Slot]:
        bounding = self.bounding

        def run(source: int) -> Wire:
            made = self.edge(source, op, level, "op", width)
            step = bounding.picked(op) if op is not None else None
            bounding.spent.gone = isinstance(step, sk.Apply) and step.primitive == "none"
            return made

        found = [bounding.extent(lambda s=s: run(s)) for s in sources]  # type: ignore[misc]
        if len({made for made, _ in found}) != 1:
            raise UnboundedError("several shapes")
        self.most += max(extent.most for _, extent in found)
        present = [extent.present for _, extent in found if extent.present is not None]
        sure = all(extent.sure for _, extent in found) and all(self.facts[s].sure for s in sources)
        return found[0][0], Slot(min(present, default=None), sure, sources)


def varies(reads: sk.Reads) -> bool:
    """Whether it is open how many values are read."""
    many = any(isinstance(op, sk.Parallel) for op in reads.ops)
    return many or (reads.path is not None and reads.least < len(reads.ops))


def joins_widths(merge: sk.Step | None) -> bool:
    """Whether a merge may deliver the widths of all that it joins together."""
    if isinstance(merge, sk.Switch):
        return any(map(joins_widths, merge.alternatives))
    return isinstance(merge, sk.Apply) and merge.primitive not in ("add", "mean", "max", "mul", "global_pool")
