"""The resolved network of a genotype as plain tuples: what keys, classes and costs are read from, in microseconds.

It is the network that `lower` makes, with the same rules (it is a lowering), but for what only a drawing or a module
needs: paths, scopes, absent operations. A block that decides nothing is one row, and is lowered once for each shape it
receives; a cell used again on the same shapes is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from nasdsl.compiler.cells import ADD, GraphLowering
from nasdsl.compiler.frame import Binding, Carried, Frame, Pyramid, Wire
from nasdsl.compiler.lower import Lowering, ends
from nasdsl.compiler.misfits import shape_of
from nasdsl.compiler.network import Scope
from nasdsl.compiler.reach import Reached
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype

MOST_NODES = 20_000
"""How many nodes of a use of a graph are kept."""


@dataclass(frozen=True, eq=False)
class Label:
    """What an operation, or a block that decides nothing, does to what it receives. One object for all that are alike.

    `digest` tells labels apart across processes. `rows` are the operations of a block, None for a single one.
    """

    name: str
    digest: bytes
    shape: Shape
    params: int = 0
    macs: int = 0
    commutes: bool = False
    rows: tuple[Row, ...] | None = None

    @cached_property
    def colour(self) -> int:
        """The digest as a number of 64 bits."""
        return int.from_bytes(self.digest[:8], "big")

    @cached_property
    def depth(self) -> int:
        """Operations on the longest way through it."""
        if self.rows is None:
            return 1
        longest = [0]
        for label, reads in self.rows:
            longest.append(label.depth + max(longest[r] for r in reads))
        return longest[-1]


class Row(NamedTuple):
    """One operation and the rows it reads, in the order of its ports."""

    label: Label
    reads: tuple[int, ...]


class Resolved(NamedTuple):
    """All rows, each after those it reads. `outputs` are (level, row), none in a dead network."""

    rows: tuple[Row, ...]
    inputs: tuple[int, ...]
    outputs: tuple[tuple[int | None, int], ...]
    feedback: tuple[tuple[int, int], ...] = ()
    taps: tuple[tuple[str, int, float], ...] = ()

    @property
    def dead(self) -> bool:
        return not self.outputs

    def live(self) -> list[int]:
        """The rows that the outputs depend on, and the inputs, ascending."""
        fed = dict(self.feedback)
        alive = bytearray(len(self.rows))
        ahead = [row for _, row in self.outputs]
        while ahead:
            row = ahead.pop()
            if not alive[row]:
                alive[row] = 1
                ahead += self.rows[row].reads
                if row in fed:
                    ahead.append(fed[row])
        for row in self.inputs:
            alive[row] = 1
        return [row for row, there in enumerate(alive) if there]

    @property
    def with_taps(self) -> Resolved:
        """The network as it is trained: what the taps deliver are outputs too, at levels below 0."""
        return self._replace(outputs=(*self.outputs, *((-1 - i, row) for i, (_, row, _) in enumerate(self.taps))))


def resolved(genotype: Genotype, binding: Binding | None = None) -> Resolved:
    """The resolved network, on the net's own input or bound to data; NasdslError where shapes do not fit."""
    space = genotype.space
    known = space.memory.get(("resolved", binding))
    if known is None:
        known = space.memory["resolved", binding] = Known(space.skeleton, binding)
    return Resolving(known, genotype.assignment).run()


class Asked(NamedTuple):
    """The decisions of a node, and what it reads: the path of the decision, None where it is all of these."""

    paths: tuple[str, ...]
    reads: tuple[tuple[str | None, tuple[int, ...]], ...]


@dataclass
class Known:
    """What was found out while other genotypes of a space were resolved on the same data."""

    skeleton: sk.Skeleton
    binding: Binding | None
    labels: dict[tuple[Any, ...], Label] = field(default_factory=dict)
    # By use of a block and what it receives: its label, None where it hands its input on.
    blocks: dict[tuple[Any, ...], tuple[Label | None, Shape]] = field(default_factory=dict)
    # By use of a graph.
    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)
    # Whether a use of a block decides nothing.
    plain: dict[int, bool] = field(default_factory=dict)
    # Whether a step, known by its identity, decides something.
    decided: dict[int, bool] = field(default_factory=dict)

    def is_plain(self, step: sk.Call) -> bool:
        found = self.plain.get(id(step))
        if found is None:
            known = not step.given and all(isinstance(number, sk.Const) for _, number in step.args)
            found = self.plain[id(step)] = known and self.fixed(step)
        return found

    def fixed(self, step: sk.Step | None) -> bool:
        """Whether a step asks no decision, and uses no graph."""
        if id(step) not in self.decided:
            asked = Reached(self.skeleton.graphs)
            asked.walk(step)
            self.decided[id(step)] = bool(asked.paths or asked.graphs)
        return not self.decided[id(step)]


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


class Template(NamedTuple):
    """The rows of one use of a graph: what a row reads is a row of the use, or, below 0, a value it was given."""

    rows: tuple[Row, ...]
    made: tuple[tuple[int | None, Shape, int | None], ...]
    pyramid: bool


class Resolving(Lowering):
    """A lowering that keeps rows."""

    def __init__(self, known: Known, chosen: Mapping[str, object]) -> None:
        super().__init__(known.skeleton, chosen, known.binding)
        # Plain, for speed.
        self.choices: dict[str, Any] = dict(chosen)
        self.known = known
        self.rows: list[Row] = []
        self.scopes = SOMEWHERE
        self.templates: dict[tuple[Any, ...], Template] = {}
        self.used: set[tuple[Any, ...]] = set()

    def run(self) -> Resolved:
        _, inputs, result = self.delivered()
        taps = tuple((tap.name, tap.position, tap.weight) for tap in self.taps)
        return Resolved(tuple(self.rows), inputs, ends(result), tuple(self.feedback), taps)

    @property
    def count(self) -> int:
        return len(self.rows)

    def within(self, scope: Scope) -> AbstractContextManager[None]:
        return NOWHERE

    def path(self, name: str) -> str:
        return ""

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        return Wire(shape, None)

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        shapes = tuple([w.shape for w in wires])
        key = (name, tuple(args.items()), shapes, self.times)
        label = self.known.labels.get(key)
        if label is None:
            label = self.known.labels[key] = self.label(name, args, shapes, span)
        self.rows.append(Row(label, tuple([w.position for w in wires])))  # type: ignore[misc]
        return Wire(label.shape, len(self.rows) - 1)

    def label(self, name: str, args: Mapping[str, Value], shapes: tuple[Shape, ...], span: Span) -> Label:
        primitive = get(name)
        shape = shape_of(primitive, shapes, args, span)
        params, macs = primitive.params(shapes, shape, args), primitive.macs(shapes, shape, args) * self.times
        # The level of a value is a name for its resolution, not part of its function.
        told = sorted((k, v) for k, v in args.items() if k != "level")
        digest = digested(name, told, str(shape), macs)
        return Label(name, digest, shape, params, macs, primitive.commutes)

    def merge(self, node: sk.Node) -> sk.Apply:
        """How a node joins what it reads."""
        made = self.picked(node.merge) if node.merge is not None else ADD
        assert isinstance(made, sk.Apply)
        return made

    # ---- what is lowered once ----

    def call(self, step: sk.Call, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        if not self.known.is_plain(step):
            return super().call(step, wire, frame, width, stride, slot)
        key = (id(step), wire.shape, width, stride, frame.in_cell, frame.target, self.times)
        found = self.known.blocks.get(key)
        if found is None:
            found = self.block(step, wire, frame, width, stride, slot)
            if found is None:
                # With `none` in it what it delivers is absent.
                self.known.plain[id(step)] = False
                return super().call(step, wire, frame, width, stride, slot)
            self.known.blocks[key] = found
        label, shape = found
        if label is None:
            return Wire(shape, wire.position)
        self.rows.append(Row(label, (wire.position,)))  # type: ignore[arg-type]
        return Wire(shape, len(self.rows) - 1)

    def block(
        self, step: sk.Call, wire: Wire, frame: Frame, width: int, stride: int, slot: str
    ) -> tuple[Label | None, Shape] | None:
        """A block by itself, as one label; None where it delivers nothing."""
        outer, self.rows = self.rows, []
        # What it receives has position 0.
        self.rows.append(Row(INPUT, ()))
        try:
            made = super().call(step, Wire(wire.shape, 0), frame, width, stride, slot)
        finally:
            inner, self.rows = self.rows, outer
        if made.position is None:
            return None
        rows, last = flattened(inner, made.position)
        if not rows:
            return None, made.shape
        if len(rows) == 1 and rows[0].reads == (0,):
            return rows[0].label, made.shape
        told = [(label.digest, reads) for label, reads in rows]
        params, macs = sum(row.label.params for row in rows), sum(row.label.macs for row in rows)
        return Label(step.block, digested(told, last), made.shape, params, macs, False, rows), made.shape

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        if graph.key == self.skeleton.root:
            return ResolvingGraph(self, graph, args, width, stride).run(values)
        fed = [wire for carried in values for wire in (_wires(carried))]
        positions = [wire.position for wire in fed]
        alike = tuple(None if p is None else positions.index(p) for p in positions)
        shapes = tuple([w.shape for w in fed])
        key = (graph.key, shapes, alike, tuple(args.items()), width, stride, self.image, self.times)
        template = self.templates.get(key)
        if template is not None:
            return self.copied(template, positions)
        base, loops = len(self.rows), len(self.feedback)
        made = ResolvingGraph(self, graph, args, width, stride).run(values)
        # The second use shows that there may be a third.
        if key in self.used and len(self.feedback) == loops:
            self.templates[key] = self.template(base, positions, made)
        self.used.add(key)
        return made

    def template(self, base: int, positions: Sequence[int | None], made: Carried) -> Template:
        def relative(row: int) -> int:
            return row - base if row >= base else -1 - positions.index(row)

        rows = tuple(Row(label, tuple(map(relative, reads))) for label, reads in self.rows[base:])
        levels = made.levels if isinstance(made, Pyramid) else ((None, made),)
        ends = tuple((lv, w.shape, None if w.position is None else relative(w.position)) for lv, w in levels)
        return Template(rows, ends, isinstance(made, Pyramid))

    def copied(self, template: Template, positions: Sequence[int | None]) -> Carried:
        base = len(self.rows)

        def absolute(row: int) -> int:
            return row + base if row >= 0 else positions[-1 - row]  # type: ignore[return-value]

        self.rows += [Row(label, tuple([absolute(r) for r in reads])) for label, reads in template.rows]
        made = [(lv, Wire(shape, None if at is None else absolute(at))) for lv, shape, at in template.made]
        return Pyramid(tuple(made)) if template.pyramid else made[0][1]  # type: ignore[arg-type]


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


NOWHERE = nullcontext()
# Nobody asks where a row stands.
SOMEWHERE = (Scope("block", "", ""),)
UNASKED = Asked((), ())
INPUT = Label("input", b"", Shape(0))


def takes(graph: sk.Graph) -> list[sk.Unread | sk.Drawn | tuple[int, ...]]:
    """What the nodes of a graph absorb, and what its output is made of."""
    return [*(node.absorb for node in graph.nodes), graph.out.members]


def _wires(carried: Carried) -> tuple[Wire, ...]:
    return tuple(wire for _, wire in carried.levels) if isinstance(carried, Pyramid) else (carried,)


def flattened(inner: Sequence[Row], end: int) -> tuple[tuple[Row, ...], int]:
    """The operations that `end` depends on, blocks opened and identities left out; 0 is what the whole receives."""
    needed = {end}
    for at in range(end, 0, -1):
        if at in needed:
            needed.update(inner[at].reads)
    stands = {0: 0}
    rows: list[Row] = []
    for at in range(1, end + 1):
        if at not in needed:
            continue
        label, reads = inner[at]
        if label.name == "identity":
            stands[at] = stands[reads[0]]
            continue
        base = len(rows)
        opened = label.rows if label.rows is not None else (Row(label, tuple(range(-len(reads), 0))),)
        for each, own in opened:
            if label.rows is not None:
                rows.append(Row(each, tuple(stands[reads[0]] if r == 0 else r + base for r in own)))
            else:
                rows.append(Row(each, tuple(stands[r] for r in reads)))
        stands[at] = len(rows)
    return tuple(rows), stands[end]


def digested(*parts: object) -> bytes:
    """16 bytes that tell apart what is written differently."""
    return blake2b(repr(parts).encode(), digest_size=16).digest()
