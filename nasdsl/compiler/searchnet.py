"""Lowering in search form: the steps of a net, whose presence, widths and depths may be open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple, cast

from nasdsl.compiler.emission import named
from nasdsl.compiler.frame import Carried, Frame, Pyramid, Wire
from nasdsl.compiler.gate import ONE, ZERO, Gate, factors, rows, times
from nasdsl.compiler.misfits import strided
from nasdsl.compiler.mixing import Terms
from nasdsl.compiler.network import Scope
from nasdsl.compiler.ways import Ways, choices
from nasdsl.diagnostics import error
from nasdsl.ops.primitive import Shape
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.gates import Depth
from nasdsl.space.skeleton import symbols


class Several(NamedTuple):
    """A value of the net in several shapes, each with how much it is taken."""

    variants: tuple[tuple[Gate, Wire], ...]

    @property
    def shape(self) -> Shape:
        return self.variants[0][1].shape


class SearchNet(Ways):
    """The lowering of a net in search form."""

    # What the net is given.
    origin: Carried

    def terms(self, step: sk.Step, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Terms:
        """What a step delivers as a sum that nobody has computed yet."""
        return [(ONE, self.step(step, wire, frame, width, stride, slot))]

    def delivered(self) -> tuple[str, tuple[int, ...], Carried]:
        root = self.skeleton.root
        if isinstance(root, str):
            graph = self.skeleton.graphs[root]
            name, inputs, result = self.lone_graph(graph)
            return name, inputs, self.single(result, name, graph.span)
        self.fixed_input(root)
        with self.within(Scope("net", root.name, root.name)):
            self.origin = self.source(root.input)
            inputs = tuple(range(self.count))
            steps = [item for item in root.steps if not isinstance(item.step, sk.Tap)]
            window = self.run(steps, []) or [self.origin]
        return root.name, inputs, self.single(window[-1], root.name, root.span)

    def single(self, result: Carried, name: str, span: Span) -> Carried:
        """What the net, or a graph alone, delivers; E0902 where that has several shapes."""
        if isinstance(result, Pyramid) or not (isinstance(result, Several) or self.sliced(result)):
            return result
        found = variants(result)
        shapes = ", ".join(dict.fromkeys(str(wire.shape) for _, wire in found))
        gates = [gate for own, wire in found for gate in (own, *(part for _, part in self.of(wire)))]
        paths = sorted({self.drafts[row].path for gate in gates for row in rows(gate)})
        named = " and ".join(f"`{path}`" for path in paths)
        raise error(
            "E0902", f"{named} decides the shape that `{name}` delivers, and values of several do not mix",
            span, "cannot be relaxed", notes=(f"it delivers {shapes}",), helps=("head classifier(10)",),
        )  # fmt: skip

    def fixed_input(self, net: sk.Net) -> None:
        """E0902 where the size of the input is a choice: values of several sizes cannot be mixed."""
        for name, number in net.input.args:
            for path in choices(number):
                if self.is_open(path):
                    first = self.decisions[path].options[0]
                    raise error(
                        "E0902", f"`{path}` decides the {name} of the input, and values of several sizes do not mix",
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
        for gate, index in self.ways(path):
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
        widths = [
            path for number in (*numbers, *(n for name, n in args if name == "width")) for path in choices(number)
        ]
        return [path for path in dict.fromkeys((*within, *widths)) if self.is_open(path)]

    def joined_windows(self, windows: Sequence[tuple[Gate, list[Carried]]]) -> list[Carried]:
        """One window of mixtures, of as many values as any cell reads; where fewer exist the oldest repeats."""
        most = max((graph.fed for graph in self.skeleton.graphs.values()), default=1)
        return [
            self.blend([(gate, window[max(0, len(window) - back)]) for gate, window in windows])
            for back in range(most, 0, -1)
        ]

    def blend(self, values: Sequence[tuple[Gate, Carried]]) -> Carried:
        """The mixture of values, of pyramids level by level; values of several shapes stay apart."""
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
        wires = [(times(gate, own), wire) for gate, value in values for own, wire in variants(value)]
        found = self.grouped(wires)
        if len(found) == 1 and found[0][0] == ONE:
            return found[0][1]
        # What reads the window takes it apart again.
        return cast(Carried, Several(tuple(found)))

    def grouped(self, terms: Terms) -> Terms:
        """Values of one shape are one value, the mixture of them; of several shapes one is there at a time."""
        groups: list[Terms] = []
        for gate, wire in terms:
            group = next((group for group in groups if self.joins((gate, wire), group)), None)
            if group is None:
                groups.append([(gate, wire)])
            else:
                group.append((gate, wire))
        if len(groups) > 1:
            return [own[0] if len(own) == 1 else self.alike(own) for own in groups]
        return [(ONE, self.mixed(own, own[0][1].shape)) for own in groups]

    def joins(self, term: tuple[Gate, Wire], group: Terms) -> bool:
        """Whether a value is of one shape with others: at one level, or there at once with one of them."""
        gate, wire = term
        shape, other = wire.shape, group[0][1].shape
        if (shape.width, shape.size) != (other.width, other.size):
            return False
        # A vector is the same at every level; an image of one pixel may lie at several.
        same = not shape.size or any(shape.level == own.shape.level for _, own in group)
        return same or any(times(gate, there) != ZERO for there, _ in group)

    def alike(self, terms: Terms) -> tuple[Gate, Wire]:
        """Values of one shape among others as one value, and how much any of them is there."""
        shared = [part for part in factors(terms[0][0]) if all(part in factors(gate) for gate, _ in terms)]
        own = [(times(*(part for part in factors(gate) if part not in shared)), wire) for gate, wire in terms]
        return times(*shared, self.chance(gate for gate, _ in own)), self.mixed(own, terms[0][1].shape)

    def placed_step(self, item: sk.NetStep, window: list[Carried], stage: tuple[Scope, ...]) -> Carried:
        """One step, for each of the shapes in which the values that it reads can come."""
        slot = f"{named(item.step)}{under_stage(item)}" if item.role == "step" else under_stage(item).lstrip(".")
        made: list[tuple[Gate, Carried]] = []
        with self.in_stage(stage):
            for gate, own in self.windows(window, self.reach(item.step)):
                for inner, value in self.sized(item, own, slot):
                    made.append((times(gate, inner), value))
        return self.blend(made)

    def reach(self, step: sk.Step) -> int:
        """How many values of the window a step reads."""
        if isinstance(step, sk.Switch):
            return max(map(self.reach, step.alternatives))
        return self.skeleton.graphs[step.graph].fed if isinstance(step, sk.UseGraph) else 1

    def windows(self, window: list[Carried], reach: int) -> Iterator[tuple[Gate, list[Carried]]]:
        """The window in each of the shapes that the last of its values can have, each in a scope of its own."""
        met: Counter[str] = Counter()
        for combination in product(*map(variants, window[-reach:])):
            gate = times(*(gate for gate, _ in combination))
            if times(self.gate, gate) == ZERO:
                continue
            widths = "_".join(str(carried.shape.width) for _, carried in combination)
            name = f"at{widths}_v{met[widths]}" if met[widths] else f"at{widths}"
            met[widths] += 1
            with self.within(Scope("choice", name, widths)), self.under(gate):
                yield gate, [carried for _, carried in combination]

    def sized(self, item: sk.NetStep, window: list[Carried], slot: str) -> Iterator[tuple[Gate, Carried]]:
        """A step in each width that its stage can have."""
        newest = window[-1]
        frame = Frame(newest.shape.width, newest.shape.width)
        numbers = [n for n in (item.width, item.stride) if n is not None]
        for gate in self.numbers(numbers, slot):
            width = newest.shape.width
            if item.width is not None:
                width = self.whole(item.width, frame, "the width of a stage")
            stride = self.whole(item.stride, frame, "the stride of a stage")
            own = Frame(width, frame.received)
            for inner, made in self.net_use(item, item.step, window, own, stride, slot):
                yield times(gate, inner), made

    def net_use(
        self, item: sk.NetStep, step: sk.Step, window: list[Carried], frame: Frame, stride: int, slot: str
    ) -> Iterator[tuple[Gate, Carried]]:
        """One step of the net, a use of a graph behind open choices as any other."""
        newest, width = window[-1], frame.width
        if isinstance(step, sk.Switch) and any(isinstance(a, sk.UseGraph) for a in step.alternatives):
            for gate, i in self.alternatives(step.path, slot):
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
            if item.width is None and told(step) and self.sliced(newest):
                raise self.unsliced(called(step), step.span, newest)
            found = self.grouped(self.terms(self.bound(step, item.role), newest, frame, width, stride, slot))
            yield from found or [(ONE, Wire(strided(newest.shape, stride, width), None))]


def variants(value: Any) -> Sequence[tuple[Gate, Any]]:
    """A value of the window in each of its shapes."""
    return value.variants if isinstance(value, Several) else ((ONE, value),)


def under_stage(item: sk.NetStep) -> str:
    """Where a step stands below its stage, or its net."""
    _, _, rest = item.path.partition(".")
    return rest.removeprefix(item.stage) if item.stage is not None else f".{rest}"


def called(step: sk.Step) -> str:
    """What a message calls a step: a choice by its path."""
    return step.path if isinstance(step, sk.Switch | sk.Repeat) else named(step)


def told(step: sk.Step) -> bool:
    """Whether what a step delivers depends on the width that it is told to deliver."""
    match step:
        case sk.Apply() | sk.UseGraph():
            return step.sets_width and "width" not in dict(step.args)
        case sk.Call():
            return "width" not in dict(step.args) and (told(step.body) or "width" in symbols(step.body))
        case sk.Chain():
            return any(map(told, [s for s in step.steps if s.sets_width][-1:]))
        case sk.Switch() | sk.Parallel():
            return any(map(told, step.alternatives))
        case sk.Repeat():
            return any(map(told, step.bodies))
        case sk.Branch():
            return any(map(told, step.chains))
        case sk.Shortcut():
            return told(step.body)
        case sk.Outer() | sk.Tap():
            return told(step.step)
