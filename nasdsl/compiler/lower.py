"""Lowering: a skeleton and the decisions of one genotype to the resolved network, with shapes and costs.

The rules are those of the language: widths (the last step of a block that can set the width delivers it), strides (on
the first step of a stage, on the edges that read a port in a cell), alignment, absence, and the window of values that
cells with several ports read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from nasdsl.compiler.cells import GraphLowering
from nasdsl.compiler.emission import Emission, label, named
from nasdsl.compiler.expansion import declared_label
from nasdsl.compiler.frame import Binding, Carried, Frame, Pyramid, Wire, ends, value
from nasdsl.compiler.misfits import (
    clash,
    fitting,
    ordered,
    strided,
    takes_stride,
    unstrided,
)
from nasdsl.compiler.network import Network, Scope, Tap
from nasdsl.compiler.shares import even_width
from nasdsl.diagnostics import Label, NasdslError, error, located
from nasdsl.ops.primitive import Value
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype


def network(genotype: Genotype, binding: Binding | None = None) -> Network:
    """The network of a genotype, on the net's own input or bound to data; NasdslError where shapes do not fit."""
    skeleton = genotype.space.skeleton
    assert isinstance(skeleton, sk.Skeleton)
    return Lowering(skeleton, genotype.assignment, binding).network()


def handed(genotype: Genotype) -> dict[str, Value]:
    """The values of the hyper-parameters under a genotype."""
    return {h.name: value(h.value, Frame(1, 1), genotype.assignment) for h in genotype.space.skeleton.hypers}


class Lowering(Emission):
    """One lowering in progress."""

    # ---- the net ----

    def network(self) -> Network:
        name, inputs, result = self.delivered()
        outputs = ends(result)
        return Network(name, tuple(self.ops), inputs, outputs, tuple(self.taps), tuple(self.feedback))

    def delivered(self) -> tuple[str, tuple[int, ...], Carried]:
        """Everything lowered: the name of the root, the positions of its inputs, and what it delivers."""
        root = self.skeleton.root
        if isinstance(root, str):
            return self.lone_graph(self.skeleton.graphs[root])
        with self.within(Scope("net", root.name, root.name)):
            source = self.source(root.input)
            inputs = tuple(range(self.count))
            window: list[Carried] = []
            for item in root.steps:
                if not all(map(self.holds, item.under)):
                    continue
                made = self.net_step(item, window or [source])
                if isinstance(item.step, sk.Tap):
                    self.tap(item.step, made)
                else:
                    window.append(made)
        return root.name, inputs, (window or [source])[-1]

    def tap(self, declared: sk.Tap, made: Carried) -> None:
        """A second head whose value is there; one that reads only absent values is absent."""
        weight = value(declared.weight, Frame(1, 1), self.chosen)
        if not isinstance(weight, int | float) or weight < 0:
            raise error("E0205", f"the weight of a tap is at least 0, not `{weight}`", declared.span)
        if isinstance(made, Pyramid):
            raise error("E0403", f"tap `{declared.name}` delivers a pyramid, one value is expected", declared.span)
        if made.position is not None:
            self.taps.append(Tap(declared.name, made.position, weight))

    def lone_graph(self, graph: sk.Graph) -> tuple[str, tuple[int, ...], Carried]:
        """A graph by itself, in a file without a net: ports of 16 channels on a 32x32 image, or sequences of 32.

        Where nodes share widths it has so many channels that these are even, and vertices do not differ by their order.
        """
        width = even_width(graph)
        values: list[Carried] = []
        for port in graph.ports:
            if port.state:
                continue
            if graph.fed < len(graph.ports):
                values.append(self.emit("sequence", {"channels": width, "length": 32}, (), graph.span))
            elif port.levels is None:
                values.append(self.emit("image", {"channels": width, "height": 32, "width": 32}, (), graph.span))
            else:
                values.append(self.features(dict.fromkeys(port.levels, width), 640, graph.span))
        inputs = tuple(range(self.count))
        return graph.key, inputs, self.graph(graph, values, {}, width, 1)

    def source(self, declared: sk.Apply) -> Carried:
        args = {name: value(number, Frame(1, 1), self.chosen) for name, number in declared.args}
        if declared.primitive == "pyramid":
            levels, widths, size = args["levels"], args["widths"], args["size"]
            assert isinstance(levels, tuple)
            assert isinstance(widths, tuple)
            assert isinstance(size, int)
            if self.binding is not None:
                size = max(self.binding.size)
            return self.features(dict(zip(levels, widths, strict=True)), size, declared.span)
        if self.binding is not None and declared.primitive != "image":
            named = {"sequence": "a sequence", "tokens": "a text"}
            what = named.get(declared.primitive, f"`{declared.primitive}`")
            raise error("E0410", f"this net reads {what}, and is given images", declared.span)
        if self.binding is not None:
            height, width = self.binding.size
            args = {"channels": self.binding.width, "height": height, "width": width}
        wire = self.emit(declared.primitive, args, (), declared.span)
        self.image = wire.shape.size
        return wire

    def features(self, widths: Mapping[int, int], size: int, span: Span) -> Pyramid:
        self.image = (size, size)
        made = [
            (level, self.emit("feature", {"width": width, "level": level, "size": size}, (), span))
            for level, width in widths.items()
        ]
        return Pyramid(tuple(made))

    def net_step(self, item: sk.NetStep, window: list[Carried]) -> Carried:
        """What one step of the skeleton delivers; a graph of m ports reads the last m values, the oldest repeated."""
        stage = () if item.stage is None else (Scope("stage", item.stage, item.stage.replace("[", " ").rstrip("]")),)
        try:
            return self.placed_step(item, window, stage)
        except NasdslError as mistake:
            raise located(mistake, item.step.span) from None

    def placed_step(self, item: sk.NetStep, window: list[Carried], stage: tuple[Scope, ...]) -> Carried:
        newest = window[-1]
        frame = Frame(newest.shape.width, newest.shape.width)
        width = self.whole(item.width, frame, "the width of a stage") if item.width is not None else newest.shape.width
        frame, stride = replace(frame, width=width), self.whole(item.stride, frame, "the stride of a stage")
        step = item.step
        if isinstance(step, sk.Tap):
            # Its scope holds all it is made of, so that a drawing shows it as one.
            stage = (*stage, Scope("tap", step.name, f"tap {step.name}"))
            step, width, frame = step.step, newest.shape.width, Frame(newest.shape.width, newest.shape.width)
        step = self.picked(step)
        slot = item.role if item.role != "step" else named(step) + item.path[item.path.rfind("[") :].lstrip(".")
        with self.in_stage(stage):
            if isinstance(step, sk.UseGraph):
                ports = self.skeleton.graphs[step.graph].fed
                fed = [window[0]] * (ports - len(window)) + window[-ports:]
                return self.use(step, fed, frame, width, stride, slot)
            if isinstance(newest, Pyramid):
                shown = ", ".join(str(level) for level, _ in newest.levels)
                raise error("E0403", "this step takes one image, and receives a pyramid", step.span, f"levels {shown}")
            return self.step(self.bound(step, item.role), newest, frame, width, stride, slot)

    def bound(self, step: sk.Step, role: str) -> sk.Step:
        """A head or tap whose block has a parameter `classes` takes the number of classes from the data."""
        classes = self.binding.classes if self.binding is not None else None
        if role not in ("head", "tap") or classes is None or not isinstance(step, sk.Call):
            return step
        args = tuple((k, sk.Const(classes) if k == "classes" else v) for k, v in step.args)
        return step.but(args=args)

    def whole(self, number: sk.Number, frame: Frame, what: str) -> int:
        return ordered(value(number, frame, self.chosen), what)

    # ---- steps ----

    def holds(self, within: sk.Within) -> bool:
        """Whether so many repetitions are decided that this one is there."""
        count = self.chosen[within.path]
        assert isinstance(count, int)
        return count > within.index

    def parallel(self, op: sk.Step | None) -> Sequence[sk.Step | None]:
        """The operations that a value read passes through, each on an edge of its own."""
        if not isinstance(op, sk.Parallel):
            return (op,)
        drawn = self.chosen[op.path]
        assert isinstance(drawn, tuple)
        return [op.alternatives[p] for p in drawn]

    def unrolled(self, body: sk.Chain) -> Iterator[sk.Step]:
        """The steps of a chain with every repetition as often as decided."""
        for step in body.steps:
            if not isinstance(step, sk.Repeat):
                yield step
                continue
            count = self.chosen[step.path]
            assert isinstance(count, int)
            for each in step.bodies[:count]:
                yield from self.unrolled(each)

    def picked(self, step: sk.Step) -> sk.Step:
        """The step that stands behind the choices taken."""
        while isinstance(step, sk.Switch):
            index = self.chosen[step.path]
            assert isinstance(index, int)
            step = step.alternatives[index]
        return step

    def step(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        """One step on one wire, to deliver `width` where it can set it, at `stride`."""
        step = self.picked(step)
        try:
            return self.taken(step, wire, frame, width, stride, slot)
        except NasdslError as mistake:
            raise located(mistake, step.span, step.block if isinstance(step, sk.Call) else "") from None

    def taken(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        """`step` behind every choice."""
        if wire.absent or (isinstance(step, sk.Apply) and step.primitive == "none"):
            # Nothing inside is lowered: what reads only absent values is absent.
            shape = strided(wire.shape, stride, width)
            name = step.primitive if isinstance(step, sk.Apply) else "absent"
            if wire.absent:
                return wire._replace(shape=shape)
            return self.ghost(name, shape, (wire,))
        match step:
            case sk.Apply():
                return self.apply(step, wire, frame, width, stride, slot)
            case sk.Call():
                return self.call(step, wire, frame, width, stride, slot)
            case sk.Outer():
                assert frame.outer is not None
                return self.step(step.step, wire, frame.outer, width, stride, slot)
            case sk.UseGraph():
                made = self.use(step, [wire], frame, width, stride, slot)
                if isinstance(made, Pyramid):
                    raise error("E0403", f"`{step.graph}` delivers a pyramid, one value is expected", step.span)
                return made
            case sk.Chain() | sk.Repeat():
                body = step if isinstance(step, sk.Chain) else sk.Chain((step,), step.span)
                return self.chain(body, wire, frame, width, stride)
            case sk.Branch():
                made_by = [self.chain(c, wire, frame, width, stride) for c in step.chains]
                return self.join(step.merge, tuple(made_by), step.span, "the end of the branch")
            case sk.Shortcut():
                made = self.chain(step.body, wire, frame, width, stride)
                if made.absent or made.shape.width != wire.shape.width or made.shape.size != wire.shape.size:
                    return made
                return self.emit("add", {}, (made, wire), step.span)
        raise AssertionError(step)

    def apply(self, step: sk.Apply, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        args = {name: value(number, frame, self.chosen) for name, number in step.args}
        if step.sets_width:
            args.setdefault("width", width)
        if stride != 1 and "stride" not in args:
            if step.primitive == "identity" and frame.in_cell:
                return self.reduce(wire, width, wire.shape.level + 1, slot)
            if not step.takes_stride or step.primitive == "identity":
                raise unstrided(step.primitive, stride, step.span)
            args["stride"] = stride
        if step.primitive == "resample":
            if frame.target is None:
                helps = ("align edges needed resample",)
                raise error("E0406", "`resample` is no operation of a node", step.span, "to which level?", helps=helps)
            args |= {"size": frame.target.size, "level": frame.target.level}
        if self.scopes and self.scopes[-1].kind == "block":
            return self.emit(step.primitive, args, (wire,), step.span)
        with self.within(Scope("block", slot, label(step.primitive, args, step))):
            return self.emit(step.primitive, args, (wire,), step.span)

    def call(self, step: sk.Call, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        scope, inner, told, first = self.called(step, wire, frame, width, stride, slot)
        with self.within(scope):
            return self.chain(step.body, wire, inner, told, first)

    def called(
        self, step: sk.Call, wire: Wire, frame: Frame, width: int, stride: int, slot: str
    ) -> tuple[Scope, Frame, int, int]:
        """The scope and the frame of a block's body, the width it delivers and the stride of its first step."""
        args = {name: value(number, frame, self.chosen) for name, number in step.args}
        told, given = ordered(args.pop("width", width)), ordered(args.get("stride", stride))
        if stride != 1 and given == 1:
            given = stride
        numbers = (
            str(args[k]) if name is None else f"{name} = {args.get(k, told)}"
            for (k, _), name in zip(step.args, step.shown, strict=False)
        )
        given_shown = (text if held is None else named(self.picked(held)) for text, held in step.given)
        shown = ", ".join((*given_shown, *numbers))
        args["stride"] = given
        inner = Frame(told, wire.shape.width, given, args, frame.in_cell, frame.target, frame)
        first = 1 if step.own_stride else given
        if first != 1 and step.body.span.source.library and not takes_stride(step.body):
            raise unstrided(step.block, first, step.span)
        return Scope("block", slot, f"{step.block}({shown})" if shown else step.block), inner, told, first

    def chain(self, body: sk.Chain, wire: Wire, frame: Frame, width: int, stride: int) -> Wire:
        """A chain: the last step that can set the width delivers `width`, the others keep theirs unless told."""
        steps = list(self.unrolled(body))
        if not steps and stride != 1:
            raise unstrided("repeat", stride, body.span)
        last = max((i for i, s in enumerate(steps) if s.sets_width), default=-1)
        for i, step in enumerate(steps):
            target = width if i == last else wire.shape.width
            wire = self.step(step, wire, frame, target, stride if i == 0 else 1, f"{named(step)}_{i}")
        return wire

    # ---- graphs ----

    def use(
        self, step: sk.UseGraph, values: list[Carried], frame: Frame, width: int, stride: int, slot: str
    ) -> Carried:
        graph = self.skeleton.graphs[step.graph]
        if len(values) != graph.fed:
            raise error(
                "E0208",
                f"`{graph.key}` reads {graph.fed} values, and as an operation it would be given one",
                step.span,
                "an operation here",
                labels=declared_label("declared here", graph.span),
                notes=("an operation of a node or a block has one port",),
            )
        fitting(graph, values, step.span)
        args = {name: value(number, frame, self.chosen) for name, number in step.args}
        told, given = ordered(args.pop("width", width)), ordered(args.pop("stride", 1))
        with self.inside_use(slot, graph, values):
            return self.graph(graph, values, args, told, stride if given == 1 else given)

    def inside_use(self, slot: str, graph: sk.Graph, values: Sequence[Carried]) -> AbstractContextManager[None]:
        """What is emitted inside is one use of a graph."""
        return self.within(Scope("graph", slot, graph.key, ports=given_ports(graph, values)))

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        return GraphLowering(self, graph, args, width, stride).run(values)

    def join(
        self, merge: sk.Step | None, wires: tuple[Wire, ...], span: Span, to: str, names: Sequence[str] = ()
    ) -> Wire:
        """Several values to one; absent terms are skipped, and keep their place as zeros in a concat.

        `to` is what receives them and `names` where they come from, for errors: E0402 where resolutions differ, E0401
        where widths do.
        """
        present = tuple(w for w in wires if not w.absent)
        missing = tuple(g for w in wires for g in w.ghosts)
        step = self.picked(merge) if merge is not None else None
        if step is None:
            assert len(wires) == 1, "several values have a merge"
            return wires[0]
        assert isinstance(step, sk.Apply)
        concat = step.primitive == "concat"
        if concat:
            # What has no width keeps no place.
            wires = tuple(w for w in wires if w.shape.width) or wires[:1]
        total = sum(w.shape.width for w in wires) if concat else wires[0].shape.width
        if not present:
            return self.ghost(step.primitive, wires[0].shape._replace(width=total), wires)
        if len(wires) == 1 or (len(present) == 1 and not concat):
            return present[0]
        args = {name: value(number, Frame(1, 1), self.chosen) for name, number in step.args}
        if concat and len(present) < len(wires):
            args["layout"] = tuple(w.shape.width if w.absent else -1 for w in wires)
        try:
            return self.emit(step.primitive, args, present, span, missing)
        except NasdslError as mistake:
            given = [name for name, w in zip(names, wires, strict=False) if not w.absent]
            raise clash(mistake, [w.shape for w in present], span, to, given, self.causes(present)) from None

    def causes(self, wires: tuple[Wire, ...]) -> tuple[Label, ...]:
        """Where the resolution of some of the values was changed, as far as this lowering knows."""
        return ()

    def reduce(self, wire: Wire, width: int, level: int, slot: str) -> Wire:
        """The alignment at a stride, once for each halving; the first sets the width."""
        while wire.shape.level < level:
            # What is not lowered does not say its stride.
            halved = wire._replace(shape=strided(wire.shape, 2, width))
            frame = Frame(width, wire.shape.width, in_cell=True)
            wire = halved if wire.absent else self.step(self.skeleton.reduction, wire, frame, width, 1, slot)
        return wire


def given_ports(graph: sk.Graph, values: Sequence[Carried]) -> tuple[tuple[str, int], ...]:
    """The names of a graph's ports, each with the position of the value it is given."""
    state = next((port.name for port in graph.ports if port.state), None)
    names = (name for name in graph.values[: graph.inputs] if name != state)
    wires = (
        wire
        for carried in values
        for wire in ([w for _, w in carried.levels] if isinstance(carried, Pyramid) else [carried])
    )
    return tuple((name, wire.position) for name, wire in zip(names, wires, strict=False) if wire.position is not None)
