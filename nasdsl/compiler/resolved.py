"""The resolved network of a genotype as plain tuples: what keys, classes and costs are read from, in microseconds.

It is the network that `lower` makes, with the same rules (it is a lowering), but for what only a drawing or a module
needs: paths, scopes, absent operations. A block that decides nothing is one row, and is lowered once for each shape it
receives; a cell used again on the same shapes is copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nasdsl.compiler.cells import ADD
from nasdsl.compiler.frame import Binding, Carried, Frame, Pyramid, Wire, ends
from nasdsl.compiler.lower import Lowering
from nasdsl.compiler.misfits import shape_of
from nasdsl.compiler.network import Scope
from nasdsl.compiler.reach import Reached
from nasdsl.compiler.resolvedgraph import Plan, ResolvingGraph
from nasdsl.compiler.rows import INPUT, Label, Resolved, Row, digested, flattened
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype


def resolved(genotype: Genotype, binding: Binding | None = None) -> Resolved:
    """The resolved network, on the net's own input or bound to data; NasdslError where shapes do not fit."""
    space = genotype.space
    known = space.memory.get(("resolved", binding))
    if known is None:
        known = space.memory["resolved", binding] = Known(space.skeleton, binding)
    return Resolving(known, genotype.assignment).run()


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

    def in_stage(self, stage: tuple[Scope, ...]) -> AbstractContextManager[None]:
        return NOWHERE

    def inside_use(self, slot: str, graph: sk.Graph, values: Sequence[Carried]) -> AbstractContextManager[None]:
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


NOWHERE = nullcontext()
# Nobody asks where a row stands.
SOMEWHERE = (Scope("block", "", ""),)


def _wires(carried: Carried) -> tuple[Wire, ...]:
    return tuple(wire for _, wire in carried.levels) if isinstance(carried, Pyramid) else (carried,)
