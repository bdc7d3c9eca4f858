"""Lowering of one use of a cell or motif: ports aligned, nodes one after another, the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from nasdsl.compiler.frame import Carried, Frame, Pyramid, Wire, value
from nasdsl.compiler.network import Scope
from nasdsl.diagnostics import error
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.space import skeleton as sk

if TYPE_CHECKING:
    from nasdsl.compiler.lower import Lowering


class GraphLowering:
    """One use of a graph. Values are known by position, as in `sk.Graph`: ports first, then nodes."""

    def __init__(self, lowering: Lowering, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int) -> None:
        self.lowering = lowering
        self.graph = graph
        self.width = width
        self.stride = stride
        defaults = {k: value(n, Frame(width, width), lowering.chosen) for k, n in graph.parameters}
        self.params: dict[str, Value] = {**defaults, **args}
        self.wires: list[Wire] = []
        self.read: set[int] = set()

    def frame(self, received: int, target: Shape | None = None) -> Frame:
        return Frame(self.width, received, 1, self.params, True, target)

    def run(self, values: list[Carried]) -> Carried:
        self.ports(values)
        for node in self.graph.nodes:
            with self.lowering.within(Scope("node", node.name, node.name)):
                self.wires.append(self.node(node))
        return self.out()

    # ---- ports ----

    def ports(self, values: list[Carried]) -> None:
        for port, carried in zip(self.graph.ports, values, strict=True):
            if port.levels is None:
                if isinstance(carried, Pyramid):
                    raise error("E0403", f"port `{port.name}` takes one value, and receives a pyramid", self.graph.span)
                self.wires.append(carried)
                continue
            given = dict(carried.levels) if isinstance(carried, Pyramid) else {}
            if tuple(given) != port.levels:
                shown = "levels " + ", ".join(map(str, given)) if given else "one image"
                wanted = ", ".join(map(str, port.levels))
                raise error("E0403", f"port `{port.name}` takes levels {wanted}, and receives {shown}", self.graph.span)
            self.wires += given.values()
        level = max((w.shape.level for w in self.wires), default=0)
        for align in self.graph.aligns:
            if align.where == "ports":
                for i, wire in enumerate(self.wires):
                    target = replace(wire.shape, level=level, size=self.lowering.size_at(level))
                    name = self.graph.values[i]
                    with self.lowering.within(Scope("align", name, name)):
                        self.wires[i] = self.aligned(align, wire, target, "align")

    def aligned(self, align: sk.Align, wire: Wire, target: Shape, slot: str) -> Wire:
        """A value brought to the cell's width and the target's resolution, where the rule asks for it."""
        if wire.absent:
            return replace(wire, shape=replace(target, width=self.width))
        if align.when == "needed" and wire.shape.width == self.width and wire.shape.size == target.size:
            if wire.shape.level == target.level:
                return wire
            # Of one size at two levels (1x1 at the top of a pyramid): the value is already there.
            return replace(wire, shape=replace(wire.shape, level=target.level))
        if wire.shape.level < target.level and not resamples(align.step):
            return self.lowering.reduce(wire, self.width, target.level, slot)
        return self.lowering.step(align.step, wire, self.frame(wire.shape.width, target), self.width, 1, slot)

    # ---- nodes ----

    def node(self, node: sk.Node) -> Wire:
        lowering = self.lowering
        width, level = self.width, None
        if node.width is not None:
            told = value(node.width, self.frame(width), lowering.chosen)
            assert isinstance(told, int)
            width = told
        if node.level is not None:
            found = value(node.level, self.frame(self.width), lowering.chosen)
            assert isinstance(found, int)
            level = Shape(self.width, lowering.size_at(found), found)
        edges: list[Wire] = []
        for reads in node.reads:
            chosen = range(len(reads.members)) if reads.path is None else lowering.chosen[reads.path]
            assert isinstance(chosen, tuple | range)
            for position, op in zip(chosen, reads.ops, strict=False):
                source = reads.members[position]
                slot = f"op[{len(edges)}]"
                edges.append(self.edge(source, op, level, slot, width))
                self.read.add(source)
        absorbed = self.absorbed(node, edges, level)
        return self.closed(node, self.joined(node, edges, absorbed), width)

    def closed(self, node: sk.Node, joined: Wire, width: int) -> Wire:
        """What the joined value passes through, and the width the node owes its readers."""
        if node.then is not None:
            joined = self.lowering.step(node.then, joined, self.frame(joined.shape.width), width, 1, "then")
        if not node.free and not joined.absent and joined.shape.width != width:
            delivered = f"node `{node.name}` delivers {joined.shape.width} channels where {width} are expected"
            raise error(
                "E0401", delivered, node.span,
                "its width does not match", helps=("then conv(1)", "width free"),
            )  # fmt: skip
        return joined

    def edge(self, source: int, op: sk.Step | None, level: Shape | None, slot: str, width: int) -> Wire:
        """What a node receives from one value: aligned, then through the slot's operation."""
        wire = self.wires[source]
        port = source < self.graph.inputs
        stride = self.stride if port and level is None else 1
        target = level or wire.shape
        for align in self.graph.aligns:
            if align.where == "edges" or (align.where == "reads" and port):
                if stride != 1 and op is None:
                    target = replace(wire.shape, level=wire.shape.level + 1)
                wire = self.aligned(align, wire, target, slot.replace("op", "align"))
        if op is None:
            if stride != 1 and wire.shape.level == self.wires[source].shape.level:
                return self.lowering.reduce(wire, self.width, wire.shape.level + 1, slot)
            return wire
        return self.lowering.step(op, wire, self.frame(wire.shape.width), width, stride, slot)

    def absorbed(self, node: sk.Node, edges: list[Wire], level: Shape | None) -> list[Wire]:
        """Values that join at the merge without an operation; with `unused`, those of the node's own level."""
        if isinstance(node.absorb, tuple):
            found = list(node.absorb)
        else:
            at = level.level if level is not None else edges[0].shape.level
            found = [
                m
                for m in node.absorb.members
                if m not in self.read and not self.wires[m].absent and self.wires[m].shape.level == at
            ]
        self.read.update(found)
        return [self.wires[m] for m in found]

    def joined(self, node: sk.Node, edges: list[Wire], absorbed: list[Wire]) -> Wire:
        """Merged, with what is absorbed added."""
        lowering = self.lowering
        merge = lowering.picked(node.merge) if node.merge is not None else None
        assert merge is None or isinstance(merge, sk.Apply)
        if not absorbed:
            return lowering.join(merge, tuple(edges), node.span)
        add = sk.Apply("add", (), node.span)
        if merge is None or merge.primitive == "add":
            return lowering.join(add, (*edges, *absorbed), node.span)
        if merge.primitive == "concat":
            return lowering.join(merge, (*edges, *absorbed), node.span)
        return lowering.join(add, (lowering.join(merge, tuple(edges), node.span), *absorbed), node.span)

    # ---- output ----

    def out(self) -> Carried:
        out = self.graph.out
        lowering = self.lowering
        if isinstance(out.members, sk.Unread):
            members = [m for m in out.members.members if m not in self.read]
        else:
            members = list(out.members)
        wires = [self.wires[m] for m in members]
        if out.pyramid:
            ordered = sorted(((w.shape.level, w) for w in wires), key=lambda item: item[0])
            levels = [level for level, _ in ordered]
            if len(set(levels)) != len(levels):
                raise error("E0407", f"`out ... by level` holds a level twice: {levels}", out.span)
            return Pyramid(tuple(ordered))
        if not wires:
            raise error("E0303", "`unused` is empty at `out`: every value has been read", out.span)
        with lowering.within(Scope("node", "out", "out")):
            if out.merge is None:
                return wires[0]
            return lowering.join(out.merge, tuple(self.at_one_level(wires)), out.span)

    def at_one_level(self, wires: list[Wire]) -> list[Wire]:
        """Values that join at the output; loose ports of a strided cell are brought to its resolution."""
        level = max(w.shape.level for w in wires)
        if not self.graph.aligns:
            return wires
        return [self.lowering.reduce(w, self.width, level, "align") if not w.absent else w for w in wires]


def resamples(step: sk.Step) -> bool:
    """Whether a step brings a value to another resolution by itself."""
    match step:
        case sk.Apply():
            return get(step.primitive).name == "resample"
        case sk.Call():
            return resamples(step.body)
        case sk.Chain():
            return any(map(resamples, step.steps))
    return False
