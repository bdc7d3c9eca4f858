"""The proof that shapes fit in every genotype, without enumerating genotypes.

Every value gets the set of shapes it can have, each with the decisions that first led to it. A step is run once for
each shape it can receive and each way its own choices can fall; a join once for each combination of the shapes its
inputs can have. Where decisions are independent this is exact. A combination that does not fit is shown with a genotype
in which it happens; where none is found the diagnostic is a warning that the part is not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby, islice, product
from typing import Any, TypeVar

from nasdsl.compiler.checkgraph import MOST_RUNS, GraphChecking, Wires
from nasdsl.compiler.frame import Binding, Carried, Frame, Wire, value
from nasdsl.compiler.lower import Lowering
from nasdsl.compiler.misfits import shape_of
from nasdsl.compiler.network import Scope
from nasdsl.compiler.oracle import Oracle, Reason, union
from nasdsl.compiler.reach import Reached
from nasdsl.compiler.witness import Found, Patience, confirmed
from nasdsl.diagnostics import Diagnostic, NasdslError, at_home
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision
from nasdsl.space.model import SearchSpace

FEW = 4
MOST_SIZES = 256
_ANYWHERE: AbstractContextManager[None] = nullcontext()
MOST_WORK = 30_000
Result = TypeVar("Result")
Outcomes = Mapping[Carried, Reason]  # all a value can be, each with a reason
Window = list[Outcomes]  # the values that steps have delivered


def check(
    space: SearchSpace, binding: Binding | None = None, patience: Patience | None = None
) -> tuple[Diagnostic, ...]:
    """What does not fit in some genotype, on the net's own input or bound to data. Empty: all shapes are proved.

    The spaces of one file share the `patience` after which it says that something is not proved.
    """
    patience = patience or Patience()
    checking = Checking(space, binding, min(MOST_WORK, patience.work))
    checking.run()
    patience.work -= checking.work
    found = [confirmed(space.skeleton, checking.decisions, f, binding, patience) for f in checking.problems.values()]
    # Beside what was seen, what was not is most often a consequence of it.
    wrong = any(d.severity == "error" for d in found)
    return tuple(d for d in found if d.severity == "error" or not (wrong and d.code.startswith("E")))


@dataclass(frozen=True, slots=True, eq=False)
class Several:
    """All that a graph can deliver, each with its reason."""

    options: Mapping[Carried, Reason]


class Checking(Lowering):
    """A lowering in which a step has a set of outcomes and nothing is emitted."""

    def __init__(self, space: SearchSpace, binding: Binding | None, most: int = MOST_WORK) -> None:
        skeleton = space.skeleton
        assert isinstance(skeleton, sk.Skeleton)
        self.decisions = {d.path: d for d in every_decision(space)}
        super().__init__(skeleton, Oracle(self.decisions), binding)
        self.problems: dict[tuple[str, Span | None], Found] = {}
        self.graphs: dict[object, Mapping[Carried, Reason]] = {}
        self.edges: dict[object, Wires] = {}
        self.calls: dict[object, Wire] = {}
        # Whether a body, known by its identity, asks no decision and uses no graph.
        self.settled: dict[int, bool] = {}
        # Whether the next graph is a step of the net, whose outcomes are wanted all at once.
        self.together = False
        # What led to the values of the present run, and the innermost place that the user wrote.
        self.because: tuple[Reason, ...] = ()
        self.site: Span | None = None
        # How much has been looked at: runs, and operations in them.
        self.work, self.most = 0, most

    def run(self) -> None:
        root = self.skeleton.root
        if isinstance(root, str):
            self.outcomes(lambda: self.network().outputs)
            return
        self.site = root.span
        sources = self.outcomes(lambda: (self.source(root.input), self.image))
        for count, ((source, image), reason) in enumerate(sources.items()):
            if count == MOST_SIZES:
                self.unproved(root.input.span)
                break
            if count:
                # What is known holds for one size of the input.
                self.graphs, self.edges = {}, {}
            self.image = image
            # A repeated cell soon receives what it received before.
            self.known: dict[object, Outcomes] = {}
            self.walk(root.steps, [], {source: reason}, 0)
            if self.problems:
                break

    def walk(self, steps: Sequence[sk.NetStep], window: Window, sources: Outcomes, depth: int) -> Window | None:
        """The window behind some steps of the net, under `depth` choices of depth; None where one of them fails."""
        for path, items in groupby(steps, lambda s: s.under[depth].path if len(s.under) > depth else None):
            group = list(items)
            if path is None:
                for item in group:
                    made = self.after(item, window, sources)
                    if not made:
                        return None
                    if not isinstance(item.step, sk.Tap):
                        window = [*window, self.few(made)]
                continue
            ways = [window]
            for _, turn in groupby(group, lambda s: s.under[depth].index):
                behind = self.walk(list(turn), ways[-1], sources, depth + 1)
                if behind is None:
                    return None
                ways.append(behind)
            depths = self.decisions[path]
            counts = [depths.alternative(i) for i in range(depths.choices)]
            first = group[0].under[depth].index
            window = self.either([(ways[n - first], {path: n}) for n in counts], sources)
        return window

    def either(self, ways: Sequence[tuple[Window, Reason]], sources: Outcomes) -> Window:
        """One window for several: what can stand at each of its last places."""
        reach = max((graph.fed for graph in self.skeleton.graphs.values()), default=1)
        merged: Window = []
        for place in range(-min(reach, max(len(w) for w, _ in ways)), 0):
            found: dict[Carried, Reason] = {}
            for way, because in ways:
                for made, reason in (way[max(place, -len(way))] if way else sources).items():
                    if made not in found:
                        found[made] = union((because, reason))
            merged.append(found)
        return merged

    def after(self, item: sk.NetStep, window: Window, sources: Outcomes) -> Outcomes:
        taken = item.step.step if isinstance(item.step, sk.Tap) else item.step
        ports = self.skeleton.graphs[taken.graph].fed if isinstance(taken, sk.UseGraph) else 1
        behind = tuple((window or [sources])[-ports:])
        key = (item.step, item.width, item.stride, tuple(frozenset(b) for b in behind))
        if key not in self.known:
            self.known[key] = self.step_outcomes(item, behind)
        return self.known[key]

    def few(self, found: Mapping[Result, Reason]) -> Mapping[Result, Reason]:
        """Behind a mistake not all that follows from it needs to be met."""
        return dict(islice(found.items(), FEW)) if self.problems else found

    def step_outcomes(self, item: sk.NetStep, behind: tuple[Mapping[Carried, Reason], ...]) -> Mapping[Carried, Reason]:
        def run(values: tuple[Carried, ...]) -> Carried | Several:
            self.together = isinstance(item.step, sk.UseGraph)
            made = self.net_step(item, list(values))
            if isinstance(item.step, sk.Tap):
                self.tap(item.step, made)
            return made

        found: dict[Carried, Reason] = {}
        # What graphs deliver is much the same for all that they can receive.
        met: dict[int, Mapping[Carried, Reason]] = {}
        for count, values in enumerate(self.together_behind(item, behind)):
            if count == MOST_RUNS:
                self.unproved(item.step.span)
                break
            because = tuple(reason for _, reason in values)
            carried = tuple(made for made, _ in values)
            for made, reason in self.outcomes(lambda c=carried: run(c), because).items():  # type: ignore[misc]
                options = made.options if isinstance(made, Several) else {made: {}}
                if id(options) in met:
                    continue
                if isinstance(made, Several):
                    met[id(options)] = options
                for option, inner in options.items():
                    if option not in found:
                        found[option] = union((reason, inner))
        return found

    def together_behind(
        self, item: sk.NetStep, behind: tuple[Outcomes, ...]
    ) -> Iterable[tuple[tuple[Carried, Reason], ...]]:
        """The values that a step can receive together.

        Ports that are aligned one by one hand nothing of their widths on: there it takes one value of each resolution,
        beside every value of another port.
        """
        step = item.step
        graph = self.skeleton.graphs[step.graph] if isinstance(step, sk.UseGraph) else None
        alone = graph is not None and isinstance(item.width, sk.Const) and graph.fed == len(graph.ports)
        if not alone or graph is None or not any(align.where == "ports" for align in graph.aligns):
            return product(*(b.items() for b in behind))
        first: list[dict[object, tuple[Carried, Reason]]] = []
        for port in behind:
            first.append({})
            for made in port.items():
                first[-1].setdefault((made[0].shape.level, made[0].shape.size), made)
        ways: dict[tuple[Carried, ...], tuple[tuple[Carried, Reason], ...]] = {}
        for i, port in enumerate(behind):
            some = [port.items() if i == j else f.values() for j, f in enumerate(first)]
            ways.update((tuple(made for made, _ in values), values) for values in product(*some))
        return ways.values()

    def outcomes(self, run: Callable[[], Result], because: tuple[Reason, ...] = ()) -> dict[Result, Reason]:
        """Every result a run can have over the choices it meets, with its reason; what does not fit is noted."""
        outer, before = self.chosen, self.because
        oracle = Oracle(self.decisions)
        self.chosen = oracle
        self.because = (*before, *because)
        found: dict[Result, Reason] = {}
        for count, _ in enumerate(oracle.runs()):
            self.work += 1
            if count == MOST_RUNS or self.work > self.most:
                self.unproved(self.site)
                break
            try:
                made = run()
            except NasdslError as mistake:
                for diagnostic in mistake.diagnostics:
                    self.note(diagnostic, oracle.taken)
            else:
                if made not in found:
                    found[made] = union((*because, oracle.taken))
        self.chosen, self.because = outer, before
        return found

    def note(self, diagnostic: Diagnostic, reason: Reason) -> None:
        if self.site is not None:
            diagnostic = at_home(diagnostic, self.site)
        key = (diagnostic.code, diagnostic.span)
        if key not in self.problems:
            self.problems[key] = Found(diagnostic, union((*self.because, reason)))

    def unproved(self, span: Span | None) -> None:
        message = "too many combinations to prove that all shapes fit"
        self.note(Diagnostic("W0401", message, span, "from here on", severity="warning"), {})

    # ---- what a lowering does, without emitting ----

    def within(self, scope: Scope) -> AbstractContextManager[None]:
        return _ANYWHERE

    def in_stage(self, stage: tuple[Scope, ...]) -> AbstractContextManager[None]:
        return _ANYWHERE

    def inside_use(self, slot: str, graph: sk.Graph, values: Sequence[Carried]) -> AbstractContextManager[None]:
        return _ANYWHERE

    def call(self, step: sk.Call, wire: Wire, frame: Frame, width: int, stride: int, slot: str) -> Wire:
        """A block of the library that asks no decision is lowered once for all that receive the same."""
        if not step.body.span.source.library or not self.is_settled(step.body):
            return super().call(step, wire, frame, width, stride, slot)
        args = tuple([value(number, frame, self.chosen) for _, number in step.args])
        around = told(frame) if step.given else None
        key = (step.body, args, wire, frame.in_cell, frame.target, width, stride, around)
        if key not in self.calls:
            self.calls[key] = super().call(step, wire, frame, width, stride, slot)
        return self.calls[key]

    def is_settled(self, body: sk.Chain) -> bool:
        if id(body) not in self.settled:
            asked = Reached(self.skeleton.graphs)
            asked.walk(body)
            self.settled[id(body)] = not (asked.paths or asked.graphs)
        return self.settled[id(body)]

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        self.work += 1
        return Wire(shape_of(get(name), tuple(w.shape for w in wires), args, span), 0)

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        # An absent value has the shape it would have; whether it is there plays no part in whether shapes fit.
        return Wire(shape, 0)

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        together, self.together = self.together, False
        outer, before, site = self.chosen, self.because, self.site
        assert isinstance(outer, Oracle)
        self.because = (*before, outer.taken)
        found = GraphChecking(self, graph, args, width, stride).possible(values)
        self.chosen, self.because, self.site = outer, before, site
        if together:
            return Several(found)  # type: ignore[return-value]
        return self.one_of(found)

    def use(
        self, step: sk.UseGraph, values: list[Carried], frame: Frame, width: int, stride: int, slot: str
    ) -> Carried:
        site = self.site
        self.at(step.span)
        try:
            return super().use(step, values, frame, width, stride, slot)
        finally:
            self.site = site

    def left(self, path: str, holds: Callable[[Any], bool]) -> tuple[bool, bool]:
        """Of the alternatives of a narrowed decision, whether some hold and whether all do; else (True, False)."""
        allowed = self.decisions[path].allowed
        held = [True, False] if allowed is None else list(map(holds, allowed))
        return any(held), all(held)

    def at(self, span: Span) -> None:
        if not span.source.library:
            self.site = span

    def one_of(self, found: Mapping[Result, Reason]) -> Result:
        """One of several outcomes, so that the repeated runs meet them all."""
        if not found:
            # Said already where it happened.
            raise NasdslError(())
        assert isinstance(self.chosen, Oracle)
        made = next(iter(found))
        if len(found) > 1:
            made = sorted(found, key=repr)[self.chosen.branch(len(found))]
        for path, decided in found[made].items():
            self.chosen.taken.setdefault(path, decided)
        return made


def every_decision(space: SearchSpace) -> Iterator[Decision]:
    """All decisions of a space, those under alternatives included."""
    stack = list(space.decisions)
    while stack:
        decision = stack.pop()
        yield decision
        for part in decision.below:
            stack += part.decisions


def told(frame: Frame | None) -> object:
    """What operations among the arguments of a block can depend on."""
    if frame is None:
        return None
    params = tuple(frame.params.items()) if frame.params is not None else None
    return frame.width, frame.received, frame.stride, params, told(frame.outer)
