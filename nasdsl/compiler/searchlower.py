"""Lowering in search form: nets and steps, with every decision that is not taken mixed by one rule for its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nasdsl.compiler.frame import Carried, Frame, Pyramid, Wire
from nasdsl.compiler.gate import ONE, Gate, Weight, times
from nasdsl.compiler.emission import named
from nasdsl.compiler.lower import Lowering
from nasdsl.compiler.misfits import strided, unstrided
from nasdsl.compiler.mixing import Mixing, Terms
from nasdsl.compiler.network import Scope
from nasdsl.compiler.searchcells import SearchGraph
from nasdsl.diagnostics import NasdslError, error, located
from nasdsl.ops.primitive import Value
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.gates import Depth

POOLS = ("max_pool", "avg_pool")


class SearchLowering(Mixing):
    """One lowering of a space, or of a part of it, in search form."""

    # What the net is given.
    origin: Carried

    # ---- decisions ----

    def picked(self, step: sk.Step) -> sk.Step:
        """The step behind the choices taken; an open choice is itself."""
        while isinstance(step, sk.Switch) and not self.is_open(step.path):
            index = self.chosen[step.path]
            assert isinstance(index, int)
            step = step.alternatives[index]
        return step

    def alternatives(self, path: str, count: int, slot: str) -> Iterator[tuple[Gate, int]]:
        """What a choice can be, each in a scope of its own: the one decided, or all of them with their weights."""
        for gate, index in self.ways(path, count):
            with self.within(Scope("choice", f"{slot}={index}", f"{slot}={index}")), self.taking(path, index, gate):
                yield gate, index

    def ways(self, path: str, count: int) -> Iterator[tuple[Gate, int]]:
        if not self.is_open(path):
            index = self.chosen[path]
            assert isinstance(index, int)
            yield ONE, index
        elif count == 1:
            yield ONE, 0
        elif path in self.redirected:
            # The operations of an edge stand behind the column for its absence.
            yield from ((Weight(self.redirected[path], 1 + i), i) for i in range(count))
        else:
            row = self.row("choice", path, self.place, self.decisions[path].options)
            yield from ((Weight(row, i), i) for i in range(count))

    def counts(self, path: str) -> Iterator[tuple[Gate, int]]:
        """How often a part can repeat; what is lowered for several counts is there once."""
        decision = self.decisions[path]
        assert isinstance(decision, Depth)
        if not self.is_open(path):
            count = self.chosen[path]
            assert isinstance(count, int)
            yield ONE, count
            return
        row = self.row("depth", path, self.place, map(str, decision.counts)) if decision.choices > 1 else -1
        for i, count in enumerate(decision.counts):
            gate = ONE if row < 0 else Weight(row, i)
            with self.taking(path, count, gate):
                yield gate, count

    def numbers(self, numbers: Sequence[sk.Number], slot: str) -> Iterator[Gate]:
        """The ways in which the choices in these numbers can fall, each in a scope of its own."""
        first, *rest = numbers or (None,)
        match first:
            case None:
                yield ONE
            case sk.NumberChoice():
                leaf = first.path.rpartition(".")[2]
                for gate, i in self.alternatives(first.path, len(first.alternatives), f"{slot}.{leaf}"):
                    for inner in self.numbers((first.alternatives[i], *rest), slot):
                        yield times(gate, inner)
            case sk.Arithmetic():
                yield from self.numbers((first.left, first.right, *rest), slot)
            case _:
                yield from self.numbers(rest, slot)

    # ---- the net ----

    def delivered(self) -> tuple[str, tuple[int, ...], Carried]:
        root = self.skeleton.root
        if isinstance(root, str):
            return self.lone_graph(self.skeleton.graphs[root])
        self.fixed_input(root)
        with self.within(Scope("net", root.name, root.name)):
            self.origin = self.source(root.input)
            inputs = tuple(range(self.count))
            steps = [item for item in root.steps if not isinstance(item.step, sk.Tap)]
            window = self.run(steps, []) or [self.origin]
        return root.name, inputs, window[-1]

    def fixed_input(self, net: sk.Net) -> None:
        """E0902 where the size of the input is a choice: values of several sizes cannot be mixed."""
        for name, number in net.input.args:
            for path in choices(number):
                if self.is_open(path):
                    first = self.decisions[path].options[0]
                    raise error(
                        "E0902", f"`{path}` decides the {name} of the input, and values of several sizes cannot be mixed",
                        net.input.span, "cannot be relaxed", helps=(f"--fix {path}={first}",),
                    )  # fmt: skip

    def run(self, items: Sequence[sk.NetStep], window: list[Carried]) -> list[Carried]:
        """The window behind some steps. Steps that depend on one open depth or width are run for each of its values."""
        at = 0
        while at < len(items):
            behind, path = self.extent(items, at)
            if path is None:
                if all(map(self.holds, items[at].under)):
                    window = [*window, self.net_step(items[at], window or [self.origin])]
                at += 1
                continue
            windows: list[tuple[Gate, list[Carried]]] = []
            for gate, _ in self.values_of(path):
                with self.again():
                    windows.append((gate, self.run(items[at:behind], window) or [self.origin]))
            window = self.joined_windows(windows)
            at = behind
        return window

    def values_of(self, path: str) -> Iterator[tuple[Gate, int]]:
        if isinstance(self.decisions[path], Depth):
            yield from self.counts(path)
            return
        for gate, index in self.ways(path, self.decisions[path].choices):
            with self.taking(path, index, gate):
                yield gate, index

    def extent(self, items: Sequence[sk.NetStep], at: int) -> tuple[int, str | None]:
        """The open decision of which most of the steps from `at` on depend, and where they end."""
        best, found = at, None
        for path in self.open_of(items[at]):
            end = at
            while end < len(items) and path in self.open_of(items[end]):
                end += 1
            if end > best:
                best, found = end, path
        return best, found

    def open_of(self, item: sk.NetStep) -> list[str]:
        """The open decisions that a step's presence or width depends on."""
        numbers = () if item.width is None else (item.width,)
        within = [part.path for part in item.under]
        args = item.step.args if isinstance(item.step, sk.Call | sk.Apply) and item.role == "stem" else ()
        widths = [path for number in (*numbers, *(n for name, n in args if name == "width")) for path in choices(number)]
        return [path for path in dict.fromkeys((*within, *widths)) if self.is_open(path)]

    def joined_windows(self, windows: Sequence[tuple[Gate, list[Carried]]]) -> list[Carried]:
        """One window of mixtures, of as many values as any cell reads; where fewer exist the oldest repeats."""
        most = max((graph.fed for graph in self.skeleton.graphs.values()), default=1)
        return [
            self.blend([(gate, window[max(0, len(window) - back)]) for gate, window in windows])
            for back in range(most, 0, -1)
        ]

    def blend(self, values: Sequence[tuple[Gate, Carried]]) -> Carried:
        """The mixture of values, of pyramids level by level. E0902 where their resolutions differ."""
        first = values[0][1]
        if all(value == first for _, value in values):
            return first
        if isinstance(first, Pyramid):
            levels = [value.levels for _, value in values if isinstance(value, Pyramid)]
            return Pyramid(
                tuple(
                    (level, self.mixed([(g, p[i][1]) for (g, _), p in zip(values, levels, strict=True)], wire.shape))
                    for i, (level, wire) in enumerate(first.levels)
                )
            )
        wires = [(gate, value) for gate, value in values if isinstance(value, Wire)]
        return self.mixed(wires, first.shape)

    def placed_step(self, item: sk.NetStep, window: list[Carried], stage: tuple[Scope, ...]) -> Carried:
        newest = window[-1]
        frame = Frame(newest.shape.width, newest.shape.width)
        slot = f"{named(item.step)}{under_stage(item)}" if item.role == "step" else under_stage(item).lstrip(".")
        made: list[tuple[Gate, Carried]] = []
        numbers = [n for n in (item.width, item.stride) if n is not None]
        with self.in_stage(stage):
            for gate in self.numbers(numbers, slot):
                width = newest.shape.width
                if item.width is not None:
                    width = self.whole(item.width, frame, "the width of a stage")
                stride = self.whole(item.stride, frame, "the stride of a stage")
                own = Frame(width, frame.received)
                made += [(times(gate, g), v) for g, v in self.net_use(item, item.step, window, own, stride, slot)]
        return self.blend(made)

    def net_use(
        self, item: sk.NetStep, step: sk.Step, window: list[Carried], frame: Frame, stride: int, slot: str
    ) -> Iterator[tuple[Gate, Carried]]:
        """One step of the net, a use of a graph behind open choices as any other."""
        newest, width = window[-1], frame.width
        if isinstance(step, sk.Switch) and any(isinstance(a, sk.UseGraph) for a in step.alternatives):
            for gate, i in self.alternatives(step.path, len(step.alternatives), slot):
                for inner, made in self.net_use(item, step.alternatives[i], window, frame, stride, slot):
                    yield times(gate, inner), made
        elif isinstance(step, sk.UseGraph):
            ports = self.skeleton.graphs[step.graph].fed
            fed = [window[0]] * (ports - len(window)) + window[-ports:]
            for gate in self.numbers([n for _, n in step.args], slot):
                yield gate, self.use(step, fed, frame, width, stride, slot)
        elif isinstance(newest, Pyramid):
            raise error("E0403", "this step takes one image, and receives a pyramid", step.span)
        else:
            yield ONE, self.step(self.bound(step, item.role), newest, frame, width, stride, slot)

    # ---- steps ----

    def step(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        return self.mixed(self.terms(step, wire, frame, width, stride, slot), strided(wire.shape, stride, width))

    def terms(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        """What a step delivers as a sum that nobody has computed yet, so that sums of sums are one sum."""
        try:
            return self.lowered(step, wire, frame, width, stride, slot)
        except NasdslError as mistake:
            raise located(mistake, step.span, step.block if isinstance(step, sk.Call) else "") from None

    def lowered(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        if wire.absent:
            return []
        match step:
            case sk.Switch():
                return self.chosen_terms(step, wire, frame, width, stride, slot)
            case sk.Apply() | sk.Call() | sk.UseGraph():
                found: Terms = []
                for gate in self.numbers([number for _, number in step.args], slot):
                    found += weighed(gate, self.decided(step, wire, frame, width, stride, slot))
                return found
            case sk.Outer():
                assert frame.outer is not None
                return self.terms(step.step, wire, frame.outer, width, stride, slot)
            case sk.Chain() | sk.Repeat():
                body = step if isinstance(step, sk.Chain) else sk.Chain((step,), step.span)
                return self.chain_terms(body, wire, frame, width, stride)
            case sk.Shortcut():
                return self.shortcut(step, wire, self.chain_terms(step.body, wire, frame, width, stride))
        return [(ONE, super().taken(step, wire, frame, width, stride, slot))]

    def chosen_terms(self, step: sk.Switch, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        found: Terms = []
        for gate, i in self.alternatives(step.path, len(step.alternatives), slot):
            candidate = step.alternatives[i]
            made = self.terms(candidate, wire, frame, width, stride, slot)
            if self.form.pool_norm and self.in_graph and isinstance(candidate, sk.Apply) and candidate.primitive in POOLS:
                made = [(g, self.emit("batch_norm", {"affine": 0}, (w,), candidate.span)) for g, w in made]
            found += weighed(gate, made)
        return found

    def decided(
        self, step: sk.Apply | sk.Call | sk.UseGraph, wire: Wire, frame: Frame, width: int, stride: int, slot: str
    ) -> Terms:
        """A step whose own numbers are decided."""
        if isinstance(step, sk.Call):
            scope, inner, told, first = self.called(step, wire, frame, width, stride, slot)
            with self.within(scope):
                return self.chain_terms(step.body, wire, inner, told, first)
        if isinstance(step, sk.Apply) and step.primitive == "none":
            return []
        made = super().taken(step, wire, frame, width, stride, slot)
        return [] if made.absent else [(ONE, made)]

    def shortcut(self, step: sk.Shortcut, wire: Wire, made: Terms) -> Terms:
        """What the body makes, with the input added to all of it that keeps the shape."""
        if wire.position in self.segments and any(w.shape.size == wire.shape.size for _, w in made):
            raise self.unsliced("shortcut", step.span)
        kept = [gate for gate, w in made if (w.shape.width, w.shape.size) == (wire.shape.width, wire.shape.size)]
        return [*made, *((gate, wire) for gate in kept)]

    def chain(self, body: sk.Chain, wire: Wire, frame: Frame, width: int, stride: int) -> Wire:
        return self.mixed(self.chain_terms(body, wire, frame, width, stride), strided(wire.shape, stride, width))

    def chain_terms(self, body: sk.Chain, wire: Wire, frame: Frame, width: int, stride: int) -> Terms:
        last = max((i for i, s in enumerate(body.steps) if s.sets_width), default=-1)
        found: Terms = [(ONE, wire)]
        for i, step in enumerate(body.steps):
            own = stride if i == 0 else 1
            wire = self.mixed(found, strided(wire.shape, own, width))
            target = width if i == last else wire.shape.width
            slot = f"{named(step)}_{i}"
            if isinstance(step, sk.Repeat):
                found = self.repeated(step, wire, frame, target, own, slot)
            else:
                found = self.terms(step, wire, frame, target, own, slot)
        return found

    def repeated(self, step: sk.Repeat, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        """The prefixes of a repetition, each as much as so many repetitions are weighed."""
        found: Terms = []
        for gate, count in self.counts(step.path):
            if count == 0 and stride != 1:
                raise unstrided("repeat", stride, step.span)
            with self.again():
                made = wire
                for j, body in enumerate(step.bodies[:count]):
                    target = width if j == count - 1 else made.shape.width
                    with self.within(Scope("choice", f"{slot}[{j}]", slot)):
                        made = self.chain(body, made, frame, target, stride if j == 0 else 1)
            found.append((gate, made))
        return found

    def join(
        self, merge: sk.Step | None, wires: tuple[Wire, ...], span: Span, to: str, names: Sequence[str] = ()
    ) -> Wire:
        if not isinstance(merge, sk.Switch):
            return super().join(merge, wires, span, to, names)
        found: Terms = []
        for gate, i in self.alternatives(merge.path, len(merge.alternatives), "merge"):
            found.append((gate, super().join(merge.alternatives[i], wires, span, to, names)))
        return self.mixed(found, wires[0].shape)

    # ---- graphs ----

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        return SearchGraph(self, graph, args, width, stride).run(values)


def weighed(gate: Gate, terms: Terms) -> Terms:
    return [(times(gate, own), wire) for own, wire in terms]


def choices(number: sk.Number) -> Iterator[str]:
    """The paths of the choices in a number."""
    match number:
        case sk.NumberChoice():
            yield number.path
            for alternative in number.alternatives:
                yield from choices(alternative)
        case sk.Arithmetic():
            yield from choices(number.left)
            yield from choices(number.right)


def under_stage(item: sk.NetStep) -> str:
    """Where a step stands below its stage, or its net."""
    net, _, rest = item.path.partition(".")
    return rest.removeprefix(item.stage) if item.stage is not None else f".{rest}"
