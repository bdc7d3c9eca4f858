"""Lowering of one use of a cell or motif: ports aligned, nodes one after another, the output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from nasdsl.compiler.expansion import declared_label
from nasdsl.compiler.frame import Carried, Frame, Pyramid, Wire, value
from nasdsl.compiler.misfits import strided
from nasdsl.compiler.network import Scope
from nasdsl.compiler.shares import Shares, sharing
from nasdsl.diagnostics import NasdslError, error, located
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import SourceFile, Span
from nasdsl.space import skeleton as sk

if TYPE_CHECKING:
    from nasdsl.compiler.lower import Lowering

MOST_LEVEL = 20
_NOWHERE = Span(SourceFile("", ""), 0, 0)
ADD = sk.Apply("add", (), _NOWHERE)


class GraphLowering:
    """One use of a graph. Values are known by position, as in `sk.Graph`: ports first, then nodes."""

    def __init__(self, lowering: Lowering, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int) -> None:
        self.lowering = lowering
        self.graph = graph
        self.width = width
        self.stride = stride
        self.params: dict[str, Value] = dict(args)
        for name, default in graph.parameters:
            if name not in args:
                self.params[name] = value(default, Frame(width, width, params=self.params), lowering.chosen)
        self.wires: list[Wire] = []
        self.read: set[int] = set()
        self.inputs = graph.inputs
        # Where nodes have their widths from their readers: what is taken of each.
        self.shares: Shares | None = None
        # The position of the port that is fed by the graph's own `out`.
        self.state = next((i for i, port in enumerate(graph.ports) if port.state), None)
        # The length of the sequence along which a cell with a state runs.
        self.length: int | None = None

    def frame(self, received: int, target: Shape | None = None) -> Frame:
        return Frame(self.width, received, 1, self.params, True, target)

    def run(self, values: list[Carried]) -> Carried:
        span = self.graph.span
        try:
            with self.along(values):
                self.ports(values)
                if self.graph.shares:
                    self.shares = sharing(self)
                for node in self.graph.nodes:
                    span = node.span
                    self.wires.append(self.placed(node))
                span = self.graph.out.span
                made = self.out()
            return made if self.length is None else self.collected(made)
        except NasdslError as mistake:
            raise located(mistake, span) from None

    # ---- a state ----

    def along(self, values: list[Carried]) -> AbstractContextManager[None]:
        """In a cell with a state, one element of a sequence at a time; E0409 where the values are no such sequences."""
        return nullcontext() if self.state is None else self._along(values, self.state)

    @contextmanager
    def _along(self, values: list[Carried], state: int) -> Iterator[None]:
        if self.stride != 1:
            message = f"`{self.graph.key}` runs along a sequence, and cannot take stride {self.stride}"
            raise error("E0405", message, self.graph.span, "it has a state")
        sizes = dict.fromkeys(carried.shape.size for carried in values)
        if len(sizes) > 1 or any(len(size) != 1 for size in sizes):
            given = " and ".join(dict.fromkeys(str(carried.shape) for carried in values))
            raise error(
                "E0409", f"`{self.graph.key}` has a state, so it runs along a sequence, and receives {given}",
                self.graph.ports[state].span, "fed back along a sequence", helps=("input sequence(128, 35)",),
            )  # fmt: skip
        (self.length,) = next(iter(sizes))
        lowering = self.lowering
        before = lowering.image, lowering.times
        lowering.image, lowering.times = (), lowering.times * self.length
        try:
            yield
        finally:
            lowering.image, lowering.times = before

    def collected(self, made: Carried) -> Carried:
        """What the cell delivered for every element, as a sequence; it feeds the state. E0411 for another shape."""
        assert self.state is not None
        assert self.length is not None
        if isinstance(made, Pyramid) or (made.shape.width, made.shape.size) != (self.width, ()):
            name = self.graph.ports[self.state].name
            shown = "a pyramid" if isinstance(made, Pyramid) else f"{made.shape.width} channels"
            ends, helps = self.graph.out.members, ["then linear"]
            if isinstance(made, Pyramid):
                helps = [f"out {self.graph.values[ends[-1]]}"] if isinstance(ends, tuple) and ends else []
            delivers = f"`out` of `{self.graph.key}` delivers {shown}"
            raise error(
                "E0411", f"{delivers}, and is fed back as `{name}` of {self.width} channels",
                self.graph.out.span, "another shape than the state", helps=helps,
            )  # fmt: skip
        if made.absent:
            return made._replace(shape=made.shape._replace(size=(self.length,)))
        state = self.wires[self.state].position
        assert state is not None
        assert made.position is not None
        self.lowering.feedback.append((state, made.position))
        return self.lowering.emit("collect", {"length": self.length}, (made,), self.graph.out.span)

    def element(self, wire: Wire) -> Wire:
        if wire.absent:
            return wire._replace(shape=wire.shape._replace(size=()))
        return self.lowering.emit("elements", {}, (wire,), self.graph.span)

    # ---- ports ----

    def ports(self, values: list[Carried]) -> None:
        fed = iter(values)
        for port in self.graph.ports:
            if port.state:
                self.wires.append(self.lowering.emit("state", {"width": self.width}, (), self.graph.span))
                continue
            carried = next(fed)
            if port.levels is None:
                assert isinstance(carried, Wire)
                self.wires.append(carried if self.length is None else self.element(carried))
                continue
            assert isinstance(carried, Pyramid)
            self.wires += [wire for _, wire in carried.levels]
        level = max((w.shape.level for w in self.wires), default=0)
        for align in self.graph.aligns:
            if align.where == "ports":
                for i, wire in enumerate(self.wires):
                    if i == self.state:
                        continue
                    target = wire.shape._replace(level=level, size=self.lowering.size_at(level))
                    name = self.graph.values[i]
                    with self.lowering.within(Scope("align", name, name)):
                        self.wires[i] = self.aligned(align, wire, target, "align")

    def aligned(self, align: sk.Align, wire: Wire, target: Shape, slot: str) -> Wire:
        """A value brought to the cell's width and the target's resolution, where the rule asks for it."""
        if wire.absent:
            return wire._replace(shape=target._replace(width=self.width))
        if align.when == "needed" and wire.shape.width == self.width and wire.shape.size == target.size:
            if wire.shape.level == target.level:
                return wire
            # Of one size at two levels (1x1 at the top of a pyramid): the value is already there.
            return wire._replace(shape=wire.shape._replace(level=target.level))
        if wire.shape.level < target.level and not resamples(align.step):
            return self.lowering.reduce(wire, self.width, target.level, slot)
        return self.lowering.step(align.step, wire, self.frame(wire.shape.width, target), self.width, 1, slot)

    # ---- nodes ----

    def placed(self, node: sk.Node) -> Wire:
        """A node at its place; absent where the array does not reach it."""
        if node.within is not None and not self.lowering.holds(node.within):
            return Wire(self.blank(None), None)
        with self.lowering.within(Scope("node", node.name, node.name)):
            return self.node(node)

    def node(self, node: sk.Node) -> Wire:
        position = len(self.wires)
        if self.shares is None:
            return self.decided_node(node)
        if position not in self.shares.live:
            # What nothing takes a part of has no width.
            return self.lowering.ghost("absent", self.wires[-1].shape._replace(width=0), ())
        cell, self.width = self.width, self.shares.widths.get(position, self.width)
        try:
            return self.decided_node(node)
        finally:
            self.width = cell

    def decided_node(self, node: sk.Node) -> Wire:
        lowering = self.lowering
        width, level = self.width, None
        if node.width is not None:
            width = lowering.whole(node.width, self.frame(width), "the width of a node")
        if node.level is not None:
            level = self.level_of(node.level, node)
        edges: list[Wire] = []
        sources: list[str] = []
        for source, op in self.reads(node):
            edges.append(self.cut(self.edge(source, op, level, f"op[{len(edges)}]", width)))
            sources.append(self.graph.values[source])
            self.read.add(source)
        absorbed = self.absorbed(node, edges, level)
        if not edges and not absorbed:
            # Of a set that may be empty nothing was drawn.
            return self.lowering.ghost("absent", self.blank(level)._replace(width=width), ())
        sources += [self.graph.values[m] for m in absorbed]
        joined = self.joined(node, edges, [self.cut(self.part(m)) for m in absorbed], sources)
        return self.closed(node, joined, width, level)

    def reads(self, node: sk.Node) -> Iterator[tuple[int, sk.Step | None]]:
        """The values that are read, as decided, each with what it passes through."""
        for reads in node.reads:
            chosen = range(len(reads.members)) if reads.path is None else self.lowering.chosen[reads.path]
            assert isinstance(chosen, tuple | range)
            for position, op in zip(chosen, reads.ops, strict=False):
                for one in self.lowering.parallel(op):
                    yield reads.members[position], one

    def blank(self, level: Shape | None) -> Shape:
        """The shape of a node that reads nothing: that of the value before it, a port behind its stride."""
        if level is not None:
            return level
        before = self.wires[-1].shape
        if len(self.wires) == self.inputs:
            before = strided(before, self.stride, self.width)
        return before._replace(width=self.width)

    def level_of(self, number: sk.Number, node: sk.Node) -> Shape:
        """The resolution of a level; E0404 where the number is none."""
        return self.level_at(value(number, self.frame(self.width), self.lowering.chosen), node)

    def level_at(self, found: Value, node: sk.Node) -> Shape:
        if not isinstance(found, int) or not 0 <= found <= MOST_LEVEL:
            raise error("E0404", f"a level is a whole number from 0 to {MOST_LEVEL}, not `{found}`", node.span)
        return Shape(self.width, self.lowering.size_at(found), found)

    def closed(self, node: sk.Node, joined: Wire, width: int, level: Shape | None) -> Wire:
        """What the joined value passes through, and the width and level the node owes its readers."""
        if node.then is not None:
            joined = self.lowering.step(node.then, joined, self.frame(joined.shape.width), width, 1, "then")
        if not node.free and not joined.absent and joined.shape.width != width:
            delivered = f"node `{node.name}` delivers {joined.shape.width} channels where {width} are expected"
            last = node.then or node.merge
            raise error(
                "E0401", delivered, node.span, "its width does not match",
                labels=declared_label("the last of its steps", last.span) if last is not None else (),
                helps=("then conv(1)", "or let it be as wide as it is: `width free`"),
            )  # fmt: skip
        if level is not None and not joined.absent and joined.shape.level != level.level:
            delivered = (
                f"node `{node.name}` is at level {level.level} and delivers a value of level {joined.shape.level}"
            )
            raise error("E0420", delivered, node.span, "not at its level", helps=("align edges needed resample",))
        return joined

    def edge(self, source: int, op: sk.Step | None, level: Shape | None, slot: str, width: int) -> Wire:
        """What a node receives from one value: aligned, then through the slot's operation."""
        passing = passes(self.lowering.picked(op) if op is not None else None)
        wire = self.fitted(source, self.part(source), op, level, slot, passing)
        if op is None:
            return wire
        stride = self.stride if source < self.inputs and level is None else 1
        return self.lowering.step(op, wire, self.frame(wire.shape.width), width, stride, slot)

    def fitted(
        self, source: int, wire: Wire, op: sk.Step | None, level: Shape | None, slot: str, passing: bool
    ) -> Wire:
        """The value of `source` as an edge's operation receives it; without one, as the node does."""
        port, whole = source < self.inputs, wire
        stride = self.stride if port and level is None else 1
        target = level or wire.shape
        for align in self.graph.aligns:
            if align.where == "edges" or (align.where == "reads" and port):
                if align.native and not passing:
                    continue
                if stride != 1 and op is None:
                    target = wire.shape._replace(level=wire.shape.level + 1)
                wire = self.aligned(align, wire, target, slot.replace("op", "align"))
        if op is None and stride != 1 and wire.shape.level == whole.shape.level:
            return self.lowering.reduce(wire, self.width, wire.shape.level + 1, slot)
        return wire

    def absorbed(self, node: sk.Node, edges: list[Wire], level: Shape | None) -> list[int]:
        """Values that join at the merge without an operation; with `unused`, those of the node's own level."""
        if isinstance(node.absorb, tuple):
            found = list(node.absorb)
        elif isinstance(node.absorb, sk.Drawn):
            drawn = self.lowering.chosen[node.absorb.path]
            assert isinstance(drawn, tuple)
            found = [node.absorb.members[p] for p in drawn]
        else:
            at = level.level if level is not None else edges[0].shape.level if edges else self.blank(None).level
            found = [
                m
                for m in node.absorb.members
                if m not in self.read and not self.wires[m].absent and self.wires[m].shape.level == at
            ]
        self.read.update(found)
        return found

    def joined(self, node: sk.Node, edges: list[Wire], absorbed: list[Wire], sources: Sequence[str] = ()) -> Wire:
        """Merged, with what is absorbed added; `sources` are the names of all of them, for errors."""
        lowering = self.lowering
        merge = lowering.picked(node.merge) if node.merge is not None else None
        assert merge is None or isinstance(merge, sk.Apply)
        span = node.reads[0].span.to(node.reads[-1].span) if node.reads else node.span
        to = f"`{node.name}`"
        if merge is None and len(edges) != 1:
            # What is absorbed is added, also where it was put among the edges.
            merge = ADD
        if not absorbed or not edges or (merge is not None and merge.primitive in ("add", "concat")):
            return lowering.join(merge, (*edges, *absorbed), span, to, sources)
        inner = lowering.join(merge, tuple(edges), span, to, sources[: len(edges)])
        behind = [node.name, *sources[len(edges) :]] if sources else ()
        return lowering.join(ADD, (inner, *absorbed), span, to, behind)

    # ---- shared widths ----

    def part(self, source: int) -> Wire:
        """A value as the node in lowering, or `out`, takes it: where widths are shared, its first channels."""
        wire = self.wires[source]
        take = None if self.shares is None else self.shares.takes.get((len(self.wires), source))
        return wire if take is None else self.truncated(wire, take)

    def cut(self, wire: Wire) -> Wire:
        """What reaches a node of a shared width, which may be wider than the node."""
        shared = self.shares is not None and len(self.wires) in self.shares.widths
        return self.truncated(wire, self.width) if shared else wire

    def truncated(self, wire: Wire, width: int) -> Wire:
        if wire.absent or wire.shape.width <= width:
            return wire
        return self.lowering.emit("truncate", {"width": width}, (wire,), self.graph.span)

    # ---- output ----

    def out(self) -> Carried:
        out = self.graph.out
        lowering = self.lowering
        if isinstance(out.members, sk.Unread):
            members = [m for m in out.members.members if m not in self.read]
        else:
            members = list(out.members)
        if out.merge is None and not out.pyramid:
            # The last of an array of open length.
            members = [m for m in members if self.there(m)][-1:]
        wires = [self.part(m) for m in members]
        if out.pyramid:
            by_level: dict[int, tuple[str, Wire]] = {}
            for m, wire in zip(members, wires, strict=True):
                level, name = wire.shape.level, self.graph.values[m]
                if level in by_level:
                    raise twice(out, [by_level[level][0], name], level)
                by_level[level] = name, wire
            return Pyramid(tuple((level, wire) for level, (_, wire) in sorted(by_level.items())))
        if not wires:
            # `unused` is empty: every value has been read, and nothing is delivered.
            return Wire(self.blank(None), None)
        with lowering.within(Scope("node", "out", "out")):
            if out.merge is None:
                return wires[0]
            names = [self.graph.values[m] for m in members]
            return lowering.join(out.merge, tuple(self.at_one_level(wires)), out.span, "`out`", names)

    def there(self, position: int) -> bool:
        """Whether a value is no element beyond the length that was decided."""
        node = self.graph.nodes[position - self.inputs] if position >= self.inputs else None
        return node is None or node.within is None or self.lowering.holds(node.within)

    def at_one_level(self, wires: list[Wire]) -> list[Wire]:
        """Values that join at the output; loose ports of a strided cell are brought to its resolution."""
        level = max(w.shape.level for w in wires)
        if not self.graph.aligns:
            return wires
        return [self.lowering.reduce(w, self.width, level, "align") if not w.absent else w for w in wires]


def twice(out: sk.Out, names: Sequence[str], level: int) -> NasdslError:
    """E0407: a pyramid has one value for each level."""
    both = " and ".join(f"`{name}`" for name in names)
    return error(
        "E0407", f"`out` by level holds level {level} twice", out.span, f"{both} both lie at level {level}",
        notes=("`level order of 3..7` deals every level to one node of an array",),
    )  # fmt: skip


def passes(step: sk.Step | None) -> bool:
    """Whether an edge hands on what it reads: then nothing but its alignment can change the width."""
    return step is None or (isinstance(step, sk.Apply) and step.primitive == "identity")


def resamples(step: sk.Step) -> bool:
    """Whether a step brings a value to another resolution by itself."""
    match step:
        case sk.Apply():
            return get(step.primitive).name == "resample"
        case sk.Call():
            return resamples(step.body)
        case sk.Outer():
            return resamples(step.step)
        case sk.Chain():
            return any(map(resamples, step.steps))
    return False
