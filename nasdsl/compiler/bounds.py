"""Bounds of what a network costs, over all genotypes at once, where the widths in its cells are fixed.

Every choice is lowered in each of its ways on each shape that it can receive. The most counts all that can be there;
the least only what a live genotype cannot do without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import prod
from typing import Literal, NamedTuple, TypeVar

from nasdsl.compiler.boundgraph import Extent, Fact, GraphBounding, GraphBounds, UnboundedError, both
from nasdsl.compiler.check import every_decision
from nasdsl.compiler.frame import Carried, Frame, Wire
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

__all__ = ["Cost", "UnboundedError", "bounds"]

MOST_RUNS = 1_000
MOST_SHAPES = 500
Cost = Literal["params", "macs"]
Made = TypeVar("Made")


def bounds(space: SearchSpace, cost: Cost, patience: Patience | None = None) -> tuple[int, int]:
    """What every live genotype costs at least and at most; UnboundedError where that is not known.

    It works until the `patience` is spent, where there is one.
    """
    return Bounding(space, cost, patience).net()


@dataclass
class Spent:
    """What one run costs. `open` counts the parts whose absence makes all of it absent.

    `doubtful`: a part may be absent without that, so that none of it is sure. `gone`: what it delivers is absent.
    """

    least: int = 0
    most: int = 0
    open: int = 0
    doubtful: bool = False
    gone: bool = False


# What a step of the net may deliver, what it costs, and which of the values it receives it surely reads.
Stepped = tuple[tuple[Carried, ...], Extent, frozenset[int]]


class Reading(NamedTuple):
    """Which earlier steps a step surely reads, and those of which it reads at least one."""

    certain: frozenset[int]
    some: frozenset[int]


class Bounding(Lowering):
    """A lowering in which a step has a range of costs."""

    def __init__(self, space: SearchSpace, cost: Cost, patience: Patience | None) -> None:
        self.patience = patience
        self.decisions = {d.path: d for d in every_decision(space)}
        super().__init__(space.skeleton, Oracle(self.decisions))
        self.cost = cost
        self.spent = Spent()
        self.known: dict[object, GraphBounds] = {}
        self.nodes: dict[object, Fact] = {}
        self.steps: dict[object, Stepped] = {}
        # Whether nothing that the next step of the net receives can be absent, and what it surely reads.
        self.fed = True
        self.certain: frozenset[int] = frozenset()

    # ---- the net ----

    def net(self) -> tuple[int, int]:
        root = self.skeleton.root
        if isinstance(root, str):
            raise UnboundedError("no net")
        steps = [item for item in root.steps if item.role != "tap"]
        along = self.chain_of if all(self.ports(item.step) == 1 for item in steps) else self.window_of
        found = []
        for source in self.extents(lambda: self.source(root.input)):
            self.image = source.shape.size if isinstance(source, Wire) else self.image
            found.append(along(steps, source))
        return min(low for low, _ in found), max(high for _, high in found)

    def ports(self, step: sk.Step) -> int:
        """How many values a step may read."""
        if isinstance(step, sk.Switch):
            return max(map(self.ports, step.alternatives))
        return len(self.skeleton.graphs[step.graph].ports) if isinstance(step, sk.UseGraph) else 1

    def chain_of(self, steps: Sequence[sk.NetStep], source: Carried) -> tuple[int, int]:
        """Steps that each read the last value: the least and the most for each shape it may have."""
        found: dict[Carried, tuple[int, int]] = {source: (0, 0)}
        for item in steps:
            made = dict(found) if item.under else {}
            for value, (low, high) in found.items():
                for result, extent in self.extents(lambda i=item, v=value: self.net_step(i, [v])).items():  # type: ignore[misc]
                    if extent.present is None:
                        continue
                    here = low + extent.present, high + extent.most
                    there = made.get(result, here)
                    made[result] = min(here[0], there[0]), max(here[1], there[1])
            if not 0 < len(made) <= MOST_SHAPES:
                raise UnboundedError("too many shapes, or none")
            found = made
        return min(low for low, _ in found.values()), max(high for _, high in found.values())

    def window_of(self, steps: Sequence[sk.NetStep], source: Carried) -> tuple[int, int]:
        """Steps of which some read several values, each of which may have several shapes."""
        window: list[tuple[Carried, ...]] = []
        found: list[Extent] = []
        reads: list[Reading] = []
        for i, item in enumerate(steps):
            ports = self.ports(item.step)
            before = window[-ports:] or [(source,)]
            # A step that is repeated receives the same more than once.
            again = (item.step, item.width, item.stride, tuple(before), self.fed)
            if again not in self.steps:
                self.steps[again] = self.step_of(item, before)
            made, extent, certain = self.steps[again]
            if item.under and (made != before[-1] or len(made) > 1):
                raise UnboundedError("a depth that changes the shape")
            some = frozenset(max(i - ports + p, 0) for p in range(ports))
            reads.append(Reading(some if ports == 1 else frozenset(max(i - ports + p, 0) for p in certain), some))
            window.append(made)
            found.append(extent)
            self.fed = self.fed and extent.sure
        self.fed = True
        # What stands two steps before another depends on how often what is between is repeated.
        repeated = any(item.under for item in steps)
        costs = [0 if item.under else extent.present or 0 for item, extent in zip(steps, found, strict=True)]
        least = self.certainly(steps, reads, costs, repeated)
        if not repeated:
            least = max(least, shortest(reads, costs))
        return least, sum(extent.most for extent in found)

    def step_of(self, item: sk.NetStep, before: Sequence[tuple[Carried, ...]]) -> Stepped:
        """What a step delivers and costs for all shapes of what it reads, and which ports it surely reads."""
        if prod(map(len, before)) > MOST_SHAPES:
            raise UnboundedError("too many shapes")
        made: dict[Carried, None] = {}
        extents: list[Extent] = []
        certain: frozenset[int] | None = None
        for values in product(*before):
            self.certain = frozenset()
            here = self.extents(lambda v=values: self.net_step(item, list(v)))  # type: ignore[misc]
            made |= dict.fromkeys(here)
            extents += here.values()
            certain = self.certain if certain is None else certain & self.certain
        fixed = isinstance(item.step, sk.UseGraph) and certain is not None
        return tuple(made), reduce(both, extents), certain if fixed and certain else frozenset()

    def certainly(
        self, steps: Sequence[sk.NetStep], reads: Sequence[Reading], costs: Sequence[int], repeated: bool
    ) -> int:
        """What all steps cost that each live genotype has: the first, the last, and what these surely read."""
        needed, ahead = {0}, [len(steps) - 1]
        while ahead:
            i = ahead.pop()
            if i not in needed:
                needed.add(i)
                ahead += [] if repeated and self.ports(steps[i].step) > 1 else reads[i].certain
        return sum(costs[i] for i in needed)

    # ---- runs ----

    def extents(self, run: Callable[[], Made]) -> dict[Made, Extent]:
        """The results of a run over all choices that it meets, and what each costs."""
        outer = self.chosen, self.spent
        oracle = Oracle(self.decisions)
        self.chosen = oracle
        found: dict[Made, list[Spent]] = {}
        for count, _ in enumerate(oracle.runs()):
            if count == MOST_RUNS:
                raise UnboundedError("too many choices meet")
            self.spent = Spent()
            try:
                made = run()
            except NasdslError:
                raise UnboundedError("shapes") from None
            found.setdefault(made, []).append(self.spent)
            self.spend()
        self.chosen, self.spent = outer
        return {made: joined(several) for made, several in found.items()}

    def extent(self, run: Callable[[], Made]) -> tuple[Made, Extent]:
        """The one result of a run."""
        found = self.extents(run)
        if len(found) != 1:
            raise UnboundedError("several results")
        return next(iter(found.items()))

    def spend(self) -> None:
        if self.patience is not None:
            self.patience.work -= 1
            if self.patience.work < 0:
                raise UnboundedError("too long")

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        primitive, shapes = get(name), tuple(w.shape for w in wires)
        shape = shape_of(primitive, shapes, args, span)
        self.spend()
        cost = (primitive.params if self.cost == "params" else primitive.macs)(shapes, shape, args)
        self.spent.least, self.spent.most = self.spent.least + cost, self.spent.most + cost
        return Wire(shape, 0)

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        # What reads it may be absent too, or not.
        self.spent.doubtful = True
        return Wire(shape, 0)

    def taken(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        before = self.spent.open
        made = super().taken(step, wire, frame, width, stride, slot)
        if isinstance(step, sk.Branch | sk.Shortcut) and self.spent.open > before:
            # The other way is there where this one is absent.
            self.spent.doubtful = True
        return made

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        if any(port.state for port in graph.ports):
            raise UnboundedError("a state")
        # What is of one port is there only where that is.
        fed = self.fed or (len(values) == 1 and isinstance(values[0], Wire))
        key = (graph.key, tuple(values), tuple(sorted(args.items())), width, stride, self.image, fed)
        if key not in self.known:
            self.known[key] = GraphBounding(self, graph, args, width, stride, fed).bounded(values)
        found = self.known[key]
        self.spent.least, self.spent.most = self.spent.least + found.least, self.spent.most + found.most
        self.spent.open += not found.sure
        self.certain = found.ports
        if len(found.made) == 1:
            return found.made[0]
        assert isinstance(self.chosen, Oracle)
        return found.made[self.chosen.branch(len(found.made))]


def joined(several: Sequence[Spent]) -> Extent:
    """The extent of runs that may each be the one that is taken."""
    there = [0 if each.doubtful else each.least for each in several if not each.gone]
    sure = not any(each.doubtful or each.open or each.gone for each in several)
    return Extent(min(there, default=None), max(each.most for each in several), sure)


def shortest(reads: Sequence[Reading], costs: Sequence[int]) -> int:
    """What the last step costs together with one that it reads, one that this reads, and so on to the first."""
    found: list[int] = []
    for i, (cost, reading) in enumerate(zip(costs, reads, strict=True)):
        if i == 0:
            found.append(cost)
            continue
        certain = [found[j] for j in reading.certain]
        found.append(cost + (max(certain) if certain else min(found[j] for j in reading.some)))
    return found[-1]
