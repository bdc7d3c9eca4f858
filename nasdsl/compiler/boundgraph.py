"""Bounds of what one use of a cell or motif costs. A value may have several shapes, where concats make it so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nasdsl.compiler.cells import GraphLowering
from nasdsl.compiler.frame import Carried, Pyramid, Wire
from nasdsl.ops.primitive import Shape, Value
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Subset

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
    """What a use may deliver, and costs; the least is that of a use whose value is there, and surely reads `ports`."""

    made: tuple[Carried, ...]
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
    """A value: its shapes, what it costs at least where it is live, what is live with it, whether it is always there.

    `most` is what all that stands at its node costs.
    """

    wires: tuple[Wire, ...]
    most: int
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
        # What tells uses apart, besides the shapes that they receive.
        self.use = (graph.key, tuple(self.params.items()), width, stride, bounding.image, fed)
        self.most = 0
        self.facts: list[Fact] = []

    def add(self, run: Callable[[], Made]) -> tuple[Made, Extent]:
        made, extent = self.bounding.extent(run)
        self.most += extent.most
        return made, extent

    @property
    def shapes(self) -> tuple[tuple[Wire, ...], ...]:
        """The shapes that each value may have."""
        return tuple(fact.wires for fact in self.facts)

    def bounded(self, values: list[Carried]) -> GraphBounds:
        if self.graph.shares:
            raise UnboundedError("widths that hang on what is read")
        wires, ports = self.add(lambda: self.aligned_ports(values))
        self.wires = list(wires)
        self.facts = [Fact((wire,), 0, 0, frozenset(), self.fed) for wire in wires]
        for node in self.graph.nodes:
            # What a node becomes depends on what it can read, which is alike where ports are aligned.
            key = (self.use, node.path, self.shapes)
            if key not in self.bounding.nodes:
                self.bounding.nodes[key] = self.whole(node)
            self.facts.append(self.bounding.nodes[key])
            self.wires.append(self.facts[-1].wires[0])
        made, out = self.delivered()
        live, sure = self.ends()
        least = out.least if sure and not isinstance(self.graph.out.members, sk.Unread) else 0
        for position in range(len(self.facts) - 1, -1, -1):
            if position in live:
                live |= self.facts[position].sources
                least += self.facts[position].least
        read = frozenset(p for p in live if p < self.inputs)
        if len(read) == self.inputs or self.inputs == 1:
            least += ports.least
        most = self.most + sum(fact.most for fact in self.facts)
        return GraphBounds(made, least, most, sure and out.sure, read)

    def delivered(self) -> tuple[tuple[Carried, ...], Extent]:
        """All that `out` may be."""
        out = self.graph.out
        members = out.members.members if isinstance(out.members, sk.Unread) else out.members
        unread = isinstance(out.members, sk.Unread) and joins_widths(out.merge)
        if not unread and out.merge is None and not out.pyramid:
            # Of an array of open length any element may be the last.
            last = members if self.is_open(members[-1]) else members[-1:]
            return tuple(dict.fromkeys(wire for m in last for wire in self.facts[m].wires)), Extent(0, 0, True)
        if not unread and all(len(self.facts[m].wires) == 1 for m in members):
            delivered, extent = self.add(self.out)
            return (delivered,), extent
        if out.pyramid:
            # Every level once, whichever member has it.
            wires = {wire for m in members for wire in self.facts[m].wires}
            by_level = {wire.shape.level: wire for wire in wires}
            if len(wires) == len(by_level) == len(members):
                return (Pyramid(tuple(sorted(by_level.items()))),), Extent(0, 0, True)
        if not isinstance(out.merge, sk.Apply) or out.merge.primitive != "concat":
            raise UnboundedError("several shapes at the output")
        return self.concats(members, unread), Extent(0, 0, True)

    def concats(self, members: Sequence[int], unread: bool) -> tuple[Wire, ...]:
        """The shapes of a concat of members that may each have several, or (`unread`) of any of them."""
        last = len(self.facts) - 1
        if unread and (last not in members or self.is_open(last)):
            raise UnboundedError("a concat of what may be loose ports only")
        level = max(wire.shape.level for m in members for wire in self.facts[m].wires)
        if any(wire.shape.level < level for m in members if m >= self.inputs for wire in self.facts[m].wires):
            raise UnboundedError("several resolutions at the output")
        widths = {0}
        brought: list[Wire] = []
        for m in members:
            found: dict[Wire, Extent] = {}
            for wire in self.facts[m].wires:
                found |= self.bounding.extents(partial(self.brought, wire, level))
            self.most += max(extent.most for extent in found.values())
            taken = {w + wire.shape.width for w in widths for wire in found}
            widths = taken | (widths if unread else set())
            brought += found
        if len({(wire.shape.size, wire.shape.level) for wire in brought}) > 1:
            raise UnboundedError("several resolutions at the output")
        return tuple(Wire(brought[0].shape._replace(width=w), 0) for w in sorted(widths - {0}))

    def brought(self, wire: Wire, level: int) -> Wire:
        return self.lowering.reduce(wire, self.width, level, "align") if self.graph.aligns else wire

    def is_open(self, position: int) -> bool:
        """Whether a value is an element that may lie beyond the length of its array."""
        return position >= self.inputs and self.graph.nodes[position - self.inputs].within is not None

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
            return (set() if self.is_open(last) else {last}), facts[last].sure
        live = {m for m in out.members if facts[m].sure or len(out.members) == 1}
        return live, all(facts[m].sure for m in out.members)

    def whole(self, node: sk.Node) -> Fact:
        """A node that reads all that it can, at each level that it may have."""
        lowering, width = self.lowering, self.width
        if node.within is not None and (node.free or node.width is not None):
            raise UnboundedError("an absent value of an open width")
        if (number := node.width) is not None:
            width, _ = self.bounding.extent(lambda: lowering.whole(number, self.frame(width), "the width of a node"))
        levels: Iterable[Shape | None] = [None]
        if (at := node.level) is not None:
            levels = self.bounding.extents(lambda: self.level_of(at, node))
        facts = [self.at(node, width, level) for level in levels]
        return Fact(
            tuple(dict.fromkeys(wire for fact in facts for wire in fact.wires)),
            max(fact.most for fact in facts),
            min(fact.least for fact in facts),
            frozenset.intersection(*(fact.sources for fact in facts)),
            all(fact.sure for fact in facts),
        )

    def at(self, node: sk.Node, width: int, level: Shape | None) -> Fact:
        """The node at one level."""
        before, self.most = self.most, 0
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
        if edges or absorbed:
            complete = not is_open and all(slot.sure for slot in slots) and all(self.facts[m].sure for m in absorbed)
            made, extent = self.closings(node, edges, list(absorbed.values()), width, level, complete)
            fact = self.fact(node, slots, list(absorbed), made, extent)
        else:
            fact = Fact((Wire(self.blank(level), 0),), 0, 0, frozenset(), False)
        fact, self.most = fact._replace(most=self.most), before
        return fact

    def closings(
        self, node: sk.Node, edges: list[Wire], absorbed: list[Wire], width: int, level: Shape | None, complete: bool
    ) -> tuple[tuple[Wire, ...], Extent]:
        """What a node may deliver, joined and closed, and what that costs; `complete`: all of it is there."""
        found: dict[Wire, Extent] = {}
        for inner, merge in self.bounding.extents(lambda: self.joined(node, edges, absorbed)).items():
            for made, then in self.bounding.extents(lambda w=inner: self.closed(node, w, width, level)).items():  # type: ignore[misc]
                here = Extent((then.present or 0) + (merge.least if complete else 0), merge.most + then.most, then.sure)
                there = found.get(made, here)
                found[made] = both(here, there)
        extents = list(found.values())
        self.most += max(extent.most for extent in extents)
        least = min(extent.present or 0 for extent in extents)
        return tuple(found), Extent(least, 0, all(extent.sure for extent in extents))

    def absorbable(self, node: sk.Node, level: Shape | None, edges: Sequence[Wire]) -> dict[int, Wire]:
        """What a node may absorb, and in which shape."""
        unread = isinstance(node.absorb, sk.Unread)
        at = (level or (edges or self.wires)[-1].shape).level
        found: dict[int, Wire] = {}
        for m in node.absorb if isinstance(node.absorb, tuple) else node.absorb.members:
            wires = [w for w in self.facts[m].wires if not unread or w.shape.level == at]
            if len(wires) > 1:
                raise UnboundedError("several shapes to absorb")
            if wires:
                found[m] = wires[0]
        return found

    def fact(
        self, node: sk.Node, slots: Sequence[Slot], absorbed: Sequence[int], made: tuple[Wire, ...], closing: Extent
    ) -> Fact:
        fixed = isinstance(node.absorb, tuple)
        kept = [m for m in absorbed if fixed and self.facts[m].sure]
        sure = [slot for slot in slots if slot.sure]
        sources = {slot.sources[0] for slot in sure if len(slot.sources) == 1} | set(kept)
        least = (closing.present or 0) + sum(slot.present or 0 for slot in sure)
        if not sure and not absorbed:
            # One of them is there.
            least += min((slot.present for slot in slots if slot.present is not None), default=0)
            if len(slots) == 1:
                sources.update(slots[0].sources if len(slots[0].sources) == 1 else ())
        for reads in node.reads:
            if self.takes_all(reads) and all(slot.sure for slot in slots):
                sources.update(reads.members)
        there = node.within is None and bool(sure or kept)
        return Fact(made, 0, least, frozenset(sources), there and closing.sure)

    def takes_all(self, reads: sk.Reads) -> bool:
        """Whether what is drawn is all that there is; with repeats one may be drawn twice."""
        if reads.path is None or reads.least < len(reads.members):
            return False
        drawn = self.bounding.decisions[reads.path]
        return not (isinstance(drawn, Subset) and drawn.mode == "repeats")

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

        def run(source: int, wire: Wire) -> Wire:
            self.wires[source] = wire
            made = self.edge(source, op, level, "op", width)
            step = bounding.picked(op) if op is not None else None
            bounding.spent.gone = isinstance(step, sk.Apply) and step.primitive == "none"
            return made

        reads = [(s, wire) for s in sources for wire in self.facts[s].wires]
        found = [bounding.extent(lambda s=s, w=w: run(s, w)) for s, w in reads]  # type: ignore[misc]
        if len({made for made, _ in found}) != 1:
            raise UnboundedError("several shapes")
        self.most += max(extent.most for _, extent in found)
        present = [extent.present for _, extent in found if extent.present is not None]
        sure = all(extent.sure for _, extent in found) and all(self.facts[s].sure for s in sources)
        return found[0][0], Slot(min(present, default=None), sure, sources)


def both(one: Extent, other: Extent) -> Extent:
    """Of two that may each be the one that is taken."""
    present = [each.present for each in (one, other) if each.present is not None]
    return Extent(min(present, default=None), max(one.most, other.most), one.sure and other.sure)


def varies(reads: sk.Reads) -> bool:
    """Whether it is open how many values are read."""
    many = any(isinstance(op, sk.Parallel) for op in reads.ops)
    return many or (reads.path is not None and reads.least < len(reads.ops))


def joins_widths(merge: sk.Step | None) -> bool:
    """Whether a merge may deliver the widths of all that it joins together."""
    if isinstance(merge, sk.Switch):
        return any(map(joins_widths, merge.alternatives))
    return isinstance(merge, sk.Apply) and merge.primitive not in ("add", "mean", "max", "mul", "fuse", "global_pool")
