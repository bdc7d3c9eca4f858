"""Lowering in search form: one use of a cell or motif, whose nodes read what they may read by weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nasdsl.compiler.cells import ADD, GraphLowering, passes
from nasdsl.compiler.frame import Carried, Pyramid, Wire
from nasdsl.compiler.gate import ONE, ZERO, Gate, Weight, less, plus, times
from nasdsl.compiler.misfits import strided
from nasdsl.compiler.mixing import Terms, edge_weight, weighed
from nasdsl.compiler.network import Scope
from nasdsl.compiler.reads import Edge, Reading
from nasdsl.diagnostics import NasdslError, error
from nasdsl.ops.mixture import REJOIN, REST
from nasdsl.ops.primitive import Shape, Value
from nasdsl.space import skeleton as sk
from nasdsl.space.arrangement import Arrangement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nasdsl.compiler.searchlower import SearchLowering


class Joined(NamedTuple):
    """What reaches a node by one edge: a sum, and how much the edge is there."""

    terms: Terms
    there: Gate
    name: str
    optional: bool
    # The shape it has where it is absent.
    blank: Shape
    # The read of which it is one of several edges, and the only one that is there.
    read: str = ""


class SearchGraph(GraphLowering):
    """One use of a graph. A value is a list of variants: wires of different shapes, of which one is taken.

    `wires` holds one wire for each value, whose shape stands for it; `readings` how much each has been read.
    """

    lowering: SearchLowering

    def __init__(
        self, lowering: SearchLowering, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int
    ) -> None:
        if graph.shares:
            raise error(
                "E0902", f"nodes of `{graph.key}` share widths by who reads them, which cannot be mixed",
                graph.span, "cannot be relaxed",
                notes=("how wide a node is depends on all the edges behind it at once",),
                helps=("give the nodes the cell's width: leave out `width shared`",),
            )  # fmt: skip
        super().__init__(lowering, graph, args, width, stride)
        self.variants: list[Terms] = []
        self.readings: dict[int, list[Gate]] = {}
        # Where a node can lie that is never there.
        self.levels_of: dict[int, list[Shape]] = {}
        self.reading = Reading(lowering, self)

    def ports(self, values: list[Carried]) -> None:
        super().ports(values)
        self.variants = [[(ONE, wire)] for wire in self.wires]

    def run(self, values: list[Carried]) -> Carried:
        try:
            return super().run(values)
        except NasdslError:
            if not self.lowering.failed:
                self.lowering.failed = self.graph.key
            raise

    # ---- nodes ----

    def placed(self, node: sk.Node) -> Wire:
        if (
            node.within is not None
            and not self.lowering.is_open(node.within.path)
            and not self.lowering.holds(node.within)
        ):
            self.variants.append([])
            return Wire(self.blank(None), None)
        scope, there = Scope("node", node.name, node.name), self.reading.there(len(self.wires))
        with self.lowering.within(scope), self.lowering.under(there):
            found = self.node_variants(node)
        self.variants.append(found)
        if found:
            return found[0][1]
        if node.level is None:
            return Wire(self.blank(None)._replace(width=self.widths(node)[0]), None)
        self.levels_of[len(self.wires)] = shapes = [shape for _, shape in self.levels(node) if shape is not None]
        return Wire(shapes[0], None)

    def widths(self, node: sk.Node) -> list[int]:
        """How wide a node can be."""
        if node.width is None:
            return [self.width]
        lowering, frame = self.lowering, self.frame(self.width)
        return [
            lowering.whole(node.width, frame, "the width of a node") for _ in lowering.numbers([node.width], "width")
        ]

    def node_variants(self, node: sk.Node) -> Terms:
        edges = list(self.reading.edges(node))
        here = self.reading.there(len(self.wires))
        for edge in edges:
            for gate, member, _ in edge.sources:
                # What is read through `none` is read, too.
                taken = edge.there if edge.optional else ONE if len(edge.sources) == 1 else gate
                self.readings.setdefault(member, []).append(times(here, taken))
        unread = self.unread(node)
        found: Terms = []
        for level_gate, level in self.levels(node):
            numbers = [node.width] if node.width is not None else []
            for width_gate in self.lowering.numbers(numbers, "width"):
                width = self.width
                if node.width is not None:
                    width = self.lowering.whole(node.width, self.frame(width), "the width of a node")
                gate = times(level_gate, width_gate)
                joined = [self.edge_terms(edge, level, width) for edge in edges]
                absorbed = self.absorbed_terms(node, unread, joined, level, times(here, gate))
                if absorbed or any(one.terms for one in joined):
                    found += [(times(gate, g), wire) for g, wire in self.closings(node, joined, absorbed, width, level)]
        return self.lowering.grouped(found)

    def levels(self, node: sk.Node) -> Iterator[tuple[Gate, Shape | None]]:
        """The levels a node can lie at, each in a scope of its own."""
        lowering = self.lowering
        if node.level is None:
            yield ONE, None
        elif not isinstance(node.level, sk.Dealt):
            for gate in lowering.numbers([node.level], "level"):
                yield gate, self.level_of(node.level, node)
        else:
            for gate, item in self.dealt(node.level):
                scope = Scope("choice", f"level={item}", f"level {item}")
                with lowering.within(scope), lowering.under(gate):
                    yield gate, self.level_at(item, node)

    def dealt(self, number: sk.Dealt) -> Iterator[tuple[Gate, Value]]:
        """The items of a permutation that this element may be dealt."""
        if not self.lowering.is_open(number.path):
            order = self.lowering.chosen[number.path]
            assert isinstance(order, tuple)
            yield ONE, number.items[order[number.index]]
            return
        decision = self.lowering.decisions[number.path]
        assert isinstance(decision, Arrangement)
        row = self.lowering.row("order", number.path, str(number.index), decision.items)
        yield from ((Weight(row, i), item) for i, item in enumerate(number.items))

    # ---- edges ----

    def edge_terms(self, edge: Edge, level: Shape | None, width: int) -> Joined:
        """What reaches a node by an edge: the sum over the values it may read."""
        lowering = self.lowering
        found: Terms = []
        for gate, member, op in edge.sources:
            scope = Scope("choice", edge.slot(self.graph.values[member]), edge.name)
            with lowering.within(scope), lowering.under(gate), edge.within(lowering):
                there = edge.there if edge.optional else ONE
                found += [(times(gate, g), wire) for g, wire in self.received(member, op, level, width, there)]
        if edge.row is not None:
            found = [(times(edge_weight(edge.row), gate), wire) for gate, wire in found]
        _, member, op = edge.sources[0]
        blank = level or self.wires[member].shape
        if level is None and member < self.inputs:
            blank = strided(blank, self.stride, blank.width)
        read = edge.name if edge.single else ""
        return Joined(found, edge.there, self.graph.values[member], edge.optional, blank._replace(width=width), read)

    def received(self, member: int, op: sk.Step | None, level: Shape | None, width: int, edge: Gate) -> Terms:
        """One value through one operation: each of its shapes aligned, and then each through the operation.

        `edge` is how much what reads it is there.
        """
        lowering = self.lowering
        there, first = self.reading.there(member), lowering.count
        aligned: Terms = []
        for gate, wire in lowering.each(weighed(there, self.variants[member]), "align"):
            made = self.fitted(member, wire, op, level, "op", self.hands_on(op))
            if not made.absent:
                aligned.append((gate, made))
        # Alternatives of the operation hold how much the edge is there; what they share does not.
        lowering.limit(range(first, lowering.count), edge)
        if op is None:
            return aligned
        found: Terms = []
        for gate, wire in lowering.each(lowering.grouped(aligned), "op"):
            found += weighed(gate, self.through(member, op, wire, level, width))
        return found

    def through(self, member: int, op: sk.Step, wire: Wire, level: Shape | None, width: int) -> Terms:
        """An aligned value through an operation, all of its channels or, of an image, a part."""
        stride = self.stride if member < self.inputs and level is None else 1
        parts = self.lowering.form.partial if len(wire.shape.size) == 2 else 1
        if parts > 1 and isinstance(op, sk.Switch) and self.lowering.sliced(wire):
            raise self.lowering.unsliced(op.path, op.span, wire)
        if parts == 1 or not isinstance(op, sk.Switch) or wire.shape.width != width or width % parts:
            return self.lowering.terms(op, wire, self.frame(wire.shape.width), width, stride, "op")
        return self.partly(op, wire, stride)

    def aligned(self, align: sk.Align, wire: Wire, target: Shape, slot: str) -> Wire:
        """As in a genotype; E0903 where the width of the value decides whether it is aligned, and is open."""
        open_width = align.when == "needed" and wire.shape.size == target.size and self.lowering.sliced(wire)
        if open_width and self.width in self.lowering.widths(wire):
            raise self.lowering.unsliced("align", self.graph.span, wire)
        return super().aligned(align, wire, target, slot)

    def hands_on(self, op: sk.Step | None) -> bool:
        """Whether an edge hands on what it reads; E0902 where that is open and the alignment depends on it."""
        native = any(align.native for align in self.graph.aligns)
        if native and isinstance(op, sk.Switch) and self.lowering.is_open(op.path):
            raise error(
                "E0902", f"`{op.path}` decides whether an edge is aligned, which cannot be mixed",
                op.span, "cannot be relaxed", helps=("align without `native`",),
            )  # fmt: skip
        return passes(self.lowering.picked(op) if op is not None else None)

    def partly(self, op: sk.Switch, wire: Wire, stride: int) -> Terms:
        """The first 1/K of the channels through the candidates, the others past them, and all shuffled."""
        lowering, n = self.lowering, self.lowering.form.partial
        width = wire.shape.width // n
        part = lowering.emit("chunk", {"n": n, "i": 0}, (wire,), op.span)
        try:
            found = lowering.terms(op, part, self.frame(width), width, stride, "op")
        except NasdslError as mistake:
            said = tuple(each.message for each in mistake.diagnostics)
            raise error(
                "E0902", f"`{op.path}` is searched on 1/{n} of {wire.shape.width} channels, and does not fit",
                op.span, "cannot be relaxed", notes=said, helps=(f"widths that are multiples of {2 * n}",),
            ) from mistake  # fmt: skip
        if not found:
            return []
        mixed = lowering.mixed(found, part.shape)
        past = lowering.emit(REST, {"n": n}, (wire,), op.span)
        if past.shape.size != mixed.shape.size:
            past = lowering.emit("max_pool", {"k": 2, "stride": 2}, (past,), op.span)
        whole = lowering.emit(REJOIN, {}, (mixed, past), op.span)
        return [(ONE, lowering.emit("channel_shuffle", {"groups": n}, (whole,), op.span))]

    # ---- joins ----

    def unread(self, node: sk.Node) -> dict[int, Gate]:
        """How much of each value that a node may absorb nobody has read."""
        if not isinstance(node.absorb, sk.Unread):
            return {}
        found = {m: times(*map(less, self.readings.get(m, ()))) for m in node.absorb.members}
        return {m: gate for m, gate in found.items() if gate != ZERO}

    def absorbed_terms(
        self, node: sk.Node, unread: dict[int, Gate], edges: Sequence[Joined], level: Shape | None, taken: Gate
    ) -> Terms:
        there, found = self.reading.there, []
        if isinstance(node.absorb, sk.Unread):
            at = level.level if level is not None else edges[0].blank.level if edges else self.blank(None).level
            for m, gate in unread.items():
                terms = weighed(times(gate, there(m)), self.variants[m])
                own = [(g, wire) for g, wire in terms if wire.shape.level == at and not wire.absent]
                found += own
                if own:
                    self.readings.setdefault(m, []).append(times(taken, plus(*(g for g, _ in own))))
            return found
        for m, gate in self.reading.absorbed(node):
            self.readings.setdefault(m, []).append(times(taken, gate))
            found += [(times(gate, there(m), g), wire) for g, wire in self.variants[m] if not wire.absent]
        return found

    def closings(
        self, node: sk.Node, edges: Sequence[Joined], absorbed: Terms, width: int, level: Shape | None
    ) -> Terms:
        """The joined value through what follows, in every shape that it can have."""
        lowering, merge = self.lowering, node.merge
        if not isinstance(merge, sk.Switch):
            return self.closing(node, self.joined_by(node, merge, edges, absorbed), width, level)
        found: Terms = []
        # A concat is wider than the sum beside it, so what follows has weights for each.
        apart = any(isinstance(a, sk.Apply) and a.primitive == "concat" for a in merge.alternatives)
        for gate, i in lowering.alternatives(merge.path, "merge"):
            terms = self.joined_by(node, merge.alternatives[i], edges, absorbed)
            terms = self.closing(node, terms, width, level) if apart else terms
            found += [(times(gate, own), wire) for own, wire in terms]
        return found if apart else self.closing(node, found, width, level)

    def closing(self, node: sk.Node, terms: Terms, width: int, level: Shape | None) -> Terms:
        found: Terms = []
        for gate, joined in self.lowering.each(self.lowering.grouped(terms), "joined"):
            wire = self.closed(node, joined, width, level)
            found += [] if wire.absent else [(gate, wire)]
        return found

    def joined_by(self, node: sk.Node, merge: sk.Step | None, edges: Sequence[Joined], absorbed: Terms) -> Terms:
        lowering = self.lowering
        assert merge is None or isinstance(merge, sk.Apply)
        span = node.reads[0].span.to(node.reads[-1].span) if node.reads else node.span
        if merge is None or merge.primitive == "add":
            terms = [*(term for edge in edges for term in edge.terms), *absorbed]
            if not lowering.sharing and len({wire.shape[:2] for _, wire in terms}) > 1:
                # What joins in a genotype has one shape.
                names = [edge.name for edge in edges for _ in edge.terms]
                lowering.join(merge or ADD, tuple(wire for _, wire in terms), span, f"`{node.name}`", names)
            return terms
        none = times(*(less(edge.there) for edge in edges if edge.optional), *(ZERO for e in edges if not e.optional))
        edges, to = united(edges), f"`{node.name}`"
        names = [edge.name for edge in edges]
        wires = [lowering.mixed(edge.terms, edge.blank) for edge in edges]
        if merge.primitive == "concat":
            places = [(e.there if e.optional else ONE, wire) for e, wire in zip(edges, wires, strict=True)]
            wires = [lowering.optional(wire, gate, span) for gate, wire in (*places, *absorbed)]
            # What is absorbed has no name in the text.
            names = [] if absorbed else names
            joined = lowering.join(merge, tuple(wires), span, to, names) if wires else Wire(self.blank(None), None)
            return [] if joined.absent else [(ONE, joined)]
        wires = [wire for wire in wires if not wire.absent]
        found = [(ONE, lowering.join(merge, tuple(wires), span, to, names))] if wires else []
        if none == ZERO or len(absorbed) < 2:
            return [*found, *absorbed]
        # Beside values that are read others are added; where none is read these are merged themselves.
        beside = [lowering.mixed([term], term[1].shape) for term in absorbed]
        return [*found, *weighed(less(none), absorbed), (none, lowering.join(merge, tuple(beside), span, to))]

    # ---- output ----

    def out(self) -> Carried:
        out, lowering = self.graph.out, self.lowering
        members: list[tuple[Gate, int]] = []
        if isinstance(out.members, sk.Unread):
            for m in out.members.members:
                gate = times(*map(less, self.readings.get(m, ())), self.reading.there(m))
                members += [(gate, m)] if gate != ZERO else []
        elif out.merge is None and not out.pyramid:
            members = self.reading.last(out.members)
        else:
            members = [(gate, m) for m in out.members if (gate := self.reading.there(m)) != ZERO]
        if out.pyramid:
            return self.by_level(members)
        with lowering.within(Scope("node", "out", "out")):
            if out.merge is None:
                terms = [(times(gate, g), wire) for gate, m in members for g, wire in self.variants[m]]
                return lowering.mixed(terms, self.blank(None))
            found = [(gate, m, lowering.mixed(self.variants[m], self.wires[m].shape)) for gate, m in members]
            if all(wire.absent for _, _, wire in found):
                return Wire(self.blank(None), None)
            return self.united(found)

    def united(self, found: Sequence[tuple[Gate, int, Wire]]) -> Wire:
        """The values of `out` at one resolution, that of all of them whether they are there or not, joined."""
        out, lowering = self.graph.out, self.lowering
        assert out.merge is not None
        level = max(wire.shape.level for _, _, wire in found)
        wires: list[Wire] = []
        for gate, m, wire in found:
            if self.graph.aligns and not wire.absent:
                with lowering.under(gate):
                    wire = lowering.reduce(wire, self.width, level, f"align_{self.graph.values[m]}")
            wires.append(lowering.optional(wire, gate, out.span))
        names = [self.graph.values[m] for _, m, _ in found]
        lowering.vacant = [gate for gate, _, wire in found if wire.absent]
        joined = lowering.join(out.merge, tuple(wires), out.span, "`out`", names)
        lowering.vacant = []
        return joined

    def by_level(self, members: Sequence[tuple[Gate, int]]) -> Pyramid:
        """What lies at each level, of nodes that may lie at several."""
        levels: dict[int, Terms] = {}
        shapes: dict[int, Shape] = {}
        for gate, m in members:
            for shape in self.levels_of.get(m, ()):
                levels.setdefault(shape.level, [])
                shapes[shape.level] = shape
            for own, wire in self.variants[m]:
                levels.setdefault(wire.shape.level, []).append((times(gate, own), wire))
                shapes[wire.shape.level] = wire.shape
        found = ((level, self.lowering.mixed(terms, shapes[level])) for level, terms in sorted(levels.items()))
        return Pyramid(tuple(found))


def united(edges: Sequence[Joined]) -> list[Joined]:
    """The edges, but those of which one is there as the one that it is: a merge joins as many values as in a child."""
    found: list[Joined] = []
    for edge in edges:
        if edge.read and found and found[-1].read == edge.read:
            found[-1] = found[-1]._replace(terms=[*found[-1].terms, *edge.terms])
        else:
            found.append(edge._replace(optional=False) if edge.read else edge)
    return found
