"""Bounds of what a network costs, over all genotypes at once, where widths are fixed.

Every choice is lowered in each of its ways on the one shape that it can receive. The most counts all that can be there;
the least only what no live genotype can do without: the first step, and the last ones up to a cell with several ports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from nasdsl.compiler.cells import GraphLowering
from nasdsl.compiler.check import every_decision
from nasdsl.compiler.frame import Carried, Wire
from nasdsl.compiler.lower import Lowering
from nasdsl.compiler.misfits import shape_of
from nasdsl.compiler.oracle import Oracle
from nasdsl.compiler.witness import Patience
from nasdsl.diagnostics import NasdslError
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.model import SearchSpace

MOST_RUNS = 1_000
Cost = Literal["params", "macs"]
Made = TypeVar("Made")


class UnboundedError(Exception):
    """A value has several shapes, or too many choices meet."""


def bounds(space: SearchSpace, cost: Cost, patience: Patience | None = None) -> tuple[int, int]:
    """What every live genotype costs at least and at most; UnboundedError where that is not known."""
    return Bounding(space, cost, patience or Patience()).net()


class Bounding(Lowering):
    """A lowering in which a step has one shape and a range of costs."""

    def __init__(self, space: SearchSpace, cost: Cost, patience: Patience) -> None:
        self.patience = patience
        self.decisions = {d.path: d for d in every_decision(space)}
        super().__init__(space.skeleton, Oracle(self.decisions))
        self.cost = cost
        # What the present run has cost so far, and whether a part of it may be absent.
        self.least = self.most = 0
        self.doubtful = False
        self.known: dict[object, tuple[Carried, int]] = {}

    def net(self) -> tuple[int, int]:
        root = self.skeleton.root
        if isinstance(root, str):
            raise UnboundedError("no net")
        source, _, most = self.extent(lambda: self.source(root.input))
        window: list[Carried] = []
        leasts: list[int] = []
        steps = [item for item in root.steps if item.role != "tap"]
        for item in steps:
            before = window or [source]
            made, low, high = self.extent(lambda i=item, b=before: self.net_step(i, b))  # type: ignore[misc]
            if item.under and made != before[-1]:
                raise UnboundedError("a depth that changes the shape")
            window.append(made)
            leasts.append(0 if item.under else low)
            most += high
        needed = len(leasts)
        while needed > 1 and self.ports(steps[needed - 1].step) == 1:
            needed -= 1
        return sum(leasts[:1]) + sum(leasts[max(needed, 1) :]), most

    def ports(self, step: sk.Step) -> int:
        """How many values a step may read."""
        if isinstance(step, sk.Switch):
            return max(map(self.ports, step.alternatives))
        return len(self.skeleton.graphs[step.graph].ports) if isinstance(step, sk.UseGraph) else 1

    def extent(self, run: Callable[[], Made]) -> tuple[Made, int, int]:
        """The one result of a run over all choices that it meets, and what it costs at least and at most."""
        outer = self.chosen, self.least, self.most, self.doubtful
        oracle = Oracle(self.decisions)
        self.chosen = oracle
        results: set[Made] = set()
        costs: list[tuple[int, int]] = []
        for _ in oracle.runs():
            self.least, self.most, self.doubtful = 0, 0, False
            try:
                results.add(run())
            except NasdslError:
                raise UnboundedError("shapes") from None
            costs.append((0 if self.doubtful else self.least, self.most))
            self.patience.work -= 1
            if len(results) > 1 or len(costs) > MOST_RUNS or self.patience.work < 0:
                raise UnboundedError("several results")
        self.chosen, self.least, self.most, self.doubtful = outer
        return results.pop(), min(low for low, _ in costs), max(high for _, high in costs)

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        primitive, shapes = get(name), tuple(w.shape for w in wires)
        shape = shape_of(primitive, shapes, args, span)
        self.patience.work -= 1
        cost = (primitive.params if self.cost == "params" else primitive.macs)(shapes, shape, args)
        self.least, self.most = self.least + cost, self.most + cost
        return Wire(shape, 0)

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        # What reads it may be absent too, or not.
        self.doubtful = True
        return Wire(shape, 0)

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        if any(port.state for port in graph.ports):
            raise UnboundedError("a state")
        key = (graph.key, tuple(values), tuple(sorted(args.items())), width, stride)
        if key not in self.known:
            self.known[key] = GraphBounding(self, graph, args, width, stride).bounded(values)
        made, most = self.known[key]
        self.most += most
        return made


class GraphBounding(GraphLowering):
    """One use of a graph, with one shape for every value and all that can be there at once."""

    bounding: Bounding

    def __init__(self, bounding: Bounding, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int) -> None:
        super().__init__(bounding, graph, args, width, stride)
        self.bounding = bounding
        self.most = 0

    def add(self, run: Callable[[], Made]) -> Made:
        made, _, most = self.bounding.extent(run)
        self.most += most
        return made

    def bounded(self, values: list[Carried]) -> tuple[Carried, int]:
        """What the graph delivers, and what it costs at most."""
        self.wires = list(self.add(lambda: self.aligned_ports(values)))
        for node in self.graph.nodes:
            self.wires.append(self.whole(node))
        if isinstance(self.graph.out.members, sk.Unread) and joins_widths(self.graph.out.merge):
            raise UnboundedError("a concat of what is unread")
        return self.add(self.out), self.most

    def aligned_ports(self, values: list[Carried]) -> tuple[Wire, ...]:
        self.wires = []
        self.ports(values)
        return tuple(self.wires)

    def whole(self, node: sk.Node) -> Wire:
        """A node that reads all that it can."""
        lowering = self.lowering
        width = self.width
        if (number := node.width) is not None:
            width = self.add(lambda: lowering.whole(number, self.frame(width), "the width of a node"))
        level = None
        if (at := node.level) is not None:
            level = self.add(lambda: self.level_of(at, node))
        edges: list[Wire] = []
        is_open = False
        for reads in node.reads:
            for j, op in enumerate(reads.ops):
                sources = reads.members if reads.path is not None else (reads.members[j],)
                alternatives = op.alternatives if isinstance(op, sk.Parallel) else (op,)
                edges += [self.dearest(sources, one, level, width) for one in alternatives]
                is_open |= isinstance(op, sk.Parallel) or (reads.path is not None and j >= reads.least)
        members = node.absorb if isinstance(node.absorb, tuple) else node.absorb.members
        absorbed = [self.wires[m] for m in members]
        if not isinstance(node.absorb, tuple):
            is_open = True
            at_level = (edges or self.wires)[-1].shape if level is None else level
            absorbed = [w for w in absorbed if w.shape.level == at_level.level]
        if is_open and joins_widths(node.merge):
            raise UnboundedError("a concat of an open number")
        if not edges and not absorbed:
            return Wire(self.blank(level), 0)
        return self.add(lambda: self.closed(node, self.joined(node, edges, absorbed), width, level))

    def dearest(self, sources: tuple[int, ...], op: sk.Step | None, level: Shape | None, width: int) -> Wire:
        """An edge from the source from which it costs most."""
        found = [self.bounding.extent(lambda s=s: self.edge(s, op, level, "op", width)) for s in sources]  # type: ignore[misc]
        if len({made for made, _, _ in found}) != 1:
            raise UnboundedError("several shapes")
        self.most += max(most for _, _, most in found)
        return found[0][0]


def joins_widths(merge: sk.Step | None) -> bool:
    """Whether a merge may deliver the widths of all that it joins together."""
    if isinstance(merge, sk.Switch):
        return any(map(joins_widths, merge.alternatives))
    return isinstance(merge, sk.Apply) and merge.primitive not in ("add", "mean", "max", "mul", "global_pool")
