"""Cells and motifs as rows. What a node and an operation become is found out once for each use of a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from nasdsl.compiler.cells import GraphLowering
from nasdsl.compiler.frame import Wire
from nasdsl.compiler.reach import Reached
from nasdsl.compiler.rows import Label, Row
from nasdsl.ops.primitive import Shape, Value
from nasdsl.space import skeleton as sk

if TYPE_CHECKING:
    from nasdsl.compiler.resolved import Resolving

MOST_NODES = 20_000
"""How many nodes of a use of a graph are kept."""


class Asked(NamedTuple):
    """The decisions of a node, and what it reads: the path of the decision, None where it is all of these."""

    paths: tuple[str, ...]
    reads: tuple[tuple[str | None, tuple[int, ...]], ...]


@dataclass
class Plan:
    """What was found out about one use of a graph. `tracks`: it takes what nobody has read."""

    tracks: bool
    # By an operation, what it receives and whether that is a port: the labels it becomes, one behind the other, and
    # what it delivers.
    steps: dict[tuple[Any, ...], tuple[tuple[Label, ...], Shape]] = field(default_factory=dict)
    # By node what its decisions are; None where more plays a part than these and what it reads.
    asked: dict[int, Asked | None] = field(default_factory=dict)
    # By a merge and what it joins.
    merges: dict[tuple[Any, ...], Label] = field(default_factory=dict)
    # By a node, what is decided in it, what it reads, and the value before it.
    nodes: dict[tuple[Any, ...], NodeTemplate] = field(default_factory=dict)


class NodeTemplate(NamedTuple):
    """The rows of a node: what a row reads is a row of the node, or, below 0, a value that it reads."""

    rows: tuple[Row, ...]
    shape: Shape
    at: int | None


class ResolvingGraph(GraphLowering):
    """One use of a graph. What an operation becomes depends on the operation and the shape it reads, so it is kept."""

    lowering: Resolving

    def __init__(
        self, lowering: Resolving, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int
    ) -> None:
        super().__init__(lowering, graph, args, width, stride)
        known = lowering.known
        use = (graph.key, tuple(self.params.items()), width, stride, lowering.image, lowering.times)
        plan = known.plans.get(use)
        if plan is None:
            plan = known.plans[use] = Plan(any(isinstance(m, sk.Unread) for m in takes(graph)))
        self.plan = plan

    def placed(self, node: sk.Node) -> Wire:
        if node.within is not None and not self.lowering.holds(node.within):
            return Wire(self.blank(None), None)
        if self.shares is not None:
            return self.node(node)
        plan = self.plan
        asked = plan.asked.get(id(node), UNASKED)
        if asked is UNASKED:
            asked = plan.asked[id(node)] = self.asked(node)
        if asked is None:
            return self.fresh(node)
        lowering, wires, chosen = self.lowering, self.wires, self.lowering.choices
        sources: list[int] = []
        for path, members in asked.reads:
            sources += members if path is None else [members[p] for p in chosen[path]]
        fed = [wires[m] for m in sources]
        positions = [wire.position for wire in fed]
        shapes = tuple([None if wire.position is None else wire.shape for wire in fed])
        key = (id(node), tuple([chosen.get(path) for path in asked.paths]), shapes, wires[-1].shape)
        kept = plan.nodes.get(key)
        rows = lowering.rows
        base = len(rows)
        if kept is not None:
            if plan.tracks:
                self.read.update(sources)
            for label, reads in kept.rows:
                rows.append(Row(label, tuple([r + base if r >= 0 else positions[-1 - r] for r in reads])))  # type: ignore[misc]
            at = kept.at
            return Wire(kept.shape, at if at is None else at + base if at >= 0 else positions[-1 - at])
        made = self.fresh(node)
        if len(plan.nodes) < MOST_NODES:
            self.keep(key, base, sources, positions, made)
        return made

    def asked(self, node: sk.Node) -> Asked | None:
        """What decides what a node becomes, with the alignments before it."""
        found = Reached(self.lowering.known.skeleton.graphs)
        found.walk((node.reads, node.merge, node.absorb, node.then, self.graph.aligns))
        several = any(isinstance(op, sk.Parallel) for reads in node.reads for op in reads.ops)
        placed = node.level is not None or node.width is not None
        absorb = node.absorb
        if several or placed or found.graphs or isinstance(absorb, sk.Unread):
            return None
        joined = (absorb.path, absorb.members) if isinstance(absorb, sk.Drawn) else (None, absorb)
        read = [(reads.path, reads.members) for reads in node.reads]
        return Asked(tuple(sorted(found.paths)), (*read, joined) if joined[1] else tuple(read))

    def keep(
        self, key: tuple[Any, ...], base: int, sources: list[int], positions: list[int | None], made: Wire
    ) -> None:
        """Keep what a node has become, where what its rows read is told by what the node reads."""
        place = {position: -1 - i for i, position in enumerate(positions) if position is not None}
        rows = self.lowering.rows
        place.update((row, row - base) for row in range(base, len(rows)))
        reads = [r for row in rows[base:] for r in row.reads]
        ends = [] if made.position is None else [made.position]
        # Two values may be one row: then it is not told which of them is read.
        there = {m for m in sources if self.wires[m].position is not None}
        if len(there) == len({self.wires[m].position for m in there}) and all(r in place for r in (*reads, *ends)):
            kept = tuple(Row(label, tuple(place[r] for r in own)) for label, own in rows[base:])
            at = None if made.position is None else place[made.position]
            self.plan.nodes[key] = NodeTemplate(kept, made.shape, at)

    def fresh(self, node: sk.Node) -> Wire:
        if node.level is not None or node.width is not None or isinstance(node.absorb, sk.Unread):
            return self.node(node)
        found = self.sources(node)
        if found is None:
            return self.node(node)
        edges = [self.passed(source, op) for source, op in found]
        if isinstance(node.absorb, sk.Drawn):
            drawn = self.lowering.choices[node.absorb.path]
            edges += [self.wires[node.absorb.members[p]] for p in drawn]
        else:
            edges += [self.wires[m] for m in node.absorb]
        if None in [edge.position for edge in edges]:
            return self.closed(node, self.joined(node, edges, []), self.width, None)
        joined = self.merged(node, edges) if len(edges) > 1 else edges[0]
        if node.then is not None:
            joined = self.behind(node.then, joined)
        return (
            joined if joined.shape.width == self.width else self.closed(node.but(then=None), joined, self.width, None)
        )

    def sources(self, node: sk.Node) -> list[tuple[int, sk.Step | None]] | None:
        """What a node reads and through which operations; None where it is not read off so simply."""
        chosen, wires = self.lowering.choices, self.wires
        # A merge of a fixed number of values joins what it reads first, and what is absorbed is added. In a concat
        # what is absent keeps its place.
        merge = self.lowering.merge(node).primitive
        found: list[tuple[int, sk.Step | None]] = []
        for reads in node.reads:
            drawn = range(len(reads.members)) if reads.path is None else chosen[reads.path]
            for position, op in zip(drawn, reads.ops, strict=False):
                source = reads.members[position]
                while isinstance(op, sk.Switch):
                    op = op.alternatives[chosen[op.path]]
                if isinstance(op, sk.Parallel):
                    return None
                if wires[source].position is not None:
                    found.append((source, op))
                elif merge == "concat":
                    return None
                self.read.add(source)
        members: Sequence[int] = node.absorb if isinstance(node.absorb, tuple) else ()
        if isinstance(node.absorb, sk.Drawn):
            members = [node.absorb.members[p] for p in chosen[node.absorb.path]]
        if (not found and not members) or None in [wires[m].position for m in members]:
            return None
        if members and merge not in ("add", "concat"):
            return None
        self.read.update(members)
        return found

    def passed(self, source: int, op: sk.Step | None) -> Wire:
        wire = self.wires[source]
        key = (id(op), wire.shape, source < self.inputs)
        kept = self.plan.steps.get(key)
        if kept is None:
            return self.first(key, op, wire, lambda: self.edge(source, op, None, "", self.width))
        return self.again(kept, wire)

    def behind(self, then: sk.Step, wire: Wire) -> Wire:
        step, lowering = self.lowering.picked(then), self.lowering
        key = (id(step), wire.shape)
        kept = self.plan.steps.get(key)
        if kept is None:
            frame = self.frame(wire.shape.width)
            return self.first(key, step, wire, lambda: lowering.step(step, wire, frame, self.width, 1, ""))
        return self.again(kept, wire)

    def again(self, kept: tuple[tuple[Label, ...], Shape], wire: Wire) -> Wire:
        """What was made of another wire of this shape."""
        labels, shape = kept
        rows, at = self.lowering.rows, wire.position
        for label in labels:
            rows.append(Row(label, (at,)))  # type: ignore[arg-type]
            at = len(rows) - 1
        return Wire(shape, at)

    def first(self, key: tuple[Any, ...], step: sk.Step | None, wire: Wire, run: Callable[[], Wire]) -> Wire:
        """What a run on a wire makes; kept for the next, where it is a row of labels and decides nothing inside."""
        rows = self.lowering.rows
        base = len(rows)
        made = run()
        before = [wire.position, *range(base, len(rows))]
        line = all(row.reads == (at,) for row, at in zip(rows[base:], before, strict=False))
        if line and made.position == before[-1] and self.fixed(step):
            self.plan.steps[key] = (tuple(row.label for row in rows[base:]), made.shape)
        return made

    def fixed(self, step: sk.Step | None) -> bool:
        """Whether a step decides nothing, nor the alignment before it."""
        known = self.lowering.known
        return known.fixed(step) and all(known.fixed(align.step) for align in self.graph.aligns)

    def merged(self, node: sk.Node, edges: list[Wire]) -> Wire:
        merge = self.lowering.merge(node)
        key = (id(merge), *[w.shape for w in edges])
        rows = self.lowering.rows
        label = self.plan.merges.get(key)
        if label is None:
            made = self.joined(node, edges, [])
            if not merge.args:
                self.plan.merges[key] = rows[made.position].label  # type: ignore[index]
            return made
        rows.append(Row(label, tuple([w.position for w in edges])))  # type: ignore[misc]
        return Wire(label.shape, len(rows) - 1)


def takes(graph: sk.Graph) -> list[sk.Unread | sk.Drawn | tuple[int, ...]]:
    """What the nodes of a graph absorb, and what its output is made of."""
    return [*(node.absorb for node in graph.nodes), graph.out.members]


UNASKED = Asked((), ())
