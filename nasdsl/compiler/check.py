"""The proof that shapes fit in every genotype, without enumerating genotypes.

Every value gets the set of shapes it can have. A step is run once for each shape it can receive and each way its own
choices can fall; a join once for each combination of the shapes its inputs can have. Where decisions are independent
this is exact. A combination that does not fit is shown with a genotype in which it happens; where none is found among
a few hundred the diagnostic is a warning that the part is not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import TypeVar

from nasdsl.compiler.cells import GraphLowering
from nasdsl.compiler.frame import Binding, Carried, Pyramid, Wire, value
from nasdsl.compiler.lower import Lowering, network
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.ops.primitive import Shape, ShapeError, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision
from nasdsl.space.model import SearchSpace

MOST_RUNS = 4096
WITNESSES = 200
Result = TypeVar("Result")


def check(space: SearchSpace, binding: Binding | None = None) -> tuple[Diagnostic, ...]:
    """What does not fit in some genotype, on the net's own input or bound to data. Empty: all shapes are proved."""
    checking = Checking(space, binding)
    checking.run()
    return tuple(checking.confirmed(d) for d in checking.problems.values())


class Oracle(Mapping[str, object]):
    """Answers decisions so that repeated runs meet every combination of the alternatives that are asked for."""

    def __init__(self, decisions: Mapping[str, Decision]) -> None:
        self.decisions = decisions
        self.trail: list[tuple[int, int]] = []
        self.taken: dict[str, object] = {}
        self.at = 0

    def __getitem__(self, path: str) -> object:
        if path not in self.taken:
            decision = self.decisions[path]
            self.taken[path] = decision.alternative(self.branch(decision.choices))
        return self.taken[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decisions)

    def __len__(self) -> int:
        return len(self.decisions)

    def branch(self, ways: int) -> int:
        if self.at == len(self.trail):
            self.trail.append((0, ways))
        taken = self.trail[self.at][0]
        self.at += 1
        return taken

    def runs(self) -> Iterator[None]:
        """One iteration for each combination."""
        self.trail = []
        while True:
            self.taken, self.at = {}, 0
            yield
            while self.trail and self.trail[-1][0] + 1 == self.trail[-1][1]:
                self.trail.pop()
            if not self.trail:
                return
            last, ways = self.trail[-1]
            self.trail[-1] = (last + 1, ways)


@dataclass(frozen=True, slots=True)
class Several:
    """All that a graph can deliver."""

    options: frozenset[Carried]


class Checking(Lowering):
    """A lowering in which a step has a set of outcomes and nothing is emitted."""

    def __init__(self, space: SearchSpace, binding: Binding | None) -> None:
        skeleton = space.skeleton
        assert isinstance(skeleton, sk.Skeleton)
        self.space = space
        self.decisions = {d.path: d for d in every_decision(space)}
        super().__init__(skeleton, Oracle(self.decisions), binding)
        self.problems: dict[tuple[str, Span | None], Diagnostic] = {}
        self.graphs: dict[object, frozenset[Carried]] = {}
        self.edges: dict[object, frozenset[Wire]] = {}
        # Whether the next graph is a step of the net, whose outcomes are wanted all at once.
        self.together = False

    def run(self) -> None:
        root = self.skeleton.root
        if isinstance(root, str):
            self.outcomes(lambda: self.network().outputs)
            return
        window: list[frozenset[Carried]] = []
        sources = self.outcomes(lambda: self.source(root.input))
        # A repeated cell soon receives what it received before.
        known: dict[object, frozenset[Carried]] = {}
        for item in root.steps:
            ports = 1
            if isinstance(item.step, sk.UseGraph):
                ports = len(self.skeleton.graphs[item.step.graph].ports)
            behind = tuple((window or [sources])[-ports:])
            key = (item.step, item.width, item.stride, behind)
            if key not in known:
                known[key] = self.step_outcomes(item, behind)
            if not known[key]:
                return
            window.append(known[key])

    def step_outcomes(self, item: sk.NetStep, behind: tuple[frozenset[Carried], ...]) -> frozenset[Carried]:
        def run(values: tuple[Carried, ...]) -> Carried | Several:
            self.together = isinstance(item.step, sk.UseGraph)
            return self.net_step(item, list(values))

        found: set[Carried] = set()
        for values in product(*behind):
            for made in self.outcomes(lambda v=values: run(v)):  # type: ignore[misc]
                found |= made.options if isinstance(made, Several) else {made}
        return frozenset(found)

    def outcomes(self, run: Callable[[], Result]) -> frozenset[Result]:
        """Every result a run can have, over the choices it meets; what does not fit is noted."""
        outer = self.chosen
        oracle = Oracle(self.decisions)
        self.chosen = oracle
        found: set[Result] = set()
        for count, _ in enumerate(oracle.runs()):
            if count == MOST_RUNS:
                self.note(Diagnostic("W0401", "too many combinations to prove that all shapes fit", severity="warning"))
                break
            try:
                found.add(run())
            except NasdslError as mistake:
                for diagnostic in mistake.diagnostics:
                    self.note(diagnostic)
        self.chosen = outer
        return frozenset(found)

    def note(self, diagnostic: Diagnostic) -> None:
        self.problems.setdefault((diagnostic.code, diagnostic.span), diagnostic)

    def confirmed(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic with a genotype that shows it, or as a warning where none was found."""
        rng = Random(0)
        for _ in range(WITNESSES):
            genotype = self.space[rng.randrange(self.space.size)]
            try:
                network(genotype, self.binding)
            except NasdslError as mistake:
                if any((d.code, d.span) == (diagnostic.code, diagnostic.span) for d in mistake.diagnostics):
                    message = next(d for d in mistake.diagnostics if d.code == diagnostic.code)
                    seen = f"seen in genotype {genotype.code}" if self.space.size > 1 else ""
                    return replace(message, notes=(*message.notes, seen) if seen else message.notes)
        note = f"found by combining what each value can be; not met in {WITNESSES} random genotypes"
        return replace(diagnostic, severity="warning", notes=(*diagnostic.notes, "not proved: " + note))

    # ---- what a lowering does, without emitting ----

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        try:
            return Wire(get(name).shape(tuple(w.shape for w in wires), args), 0)
        except ShapeError as mistake:
            raise self.misfit(str(mistake), span) from None

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        # An absent value has the shape it would have; whether it is there plays no part in whether shapes fit.
        return Wire(shape, 0)

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        together, self.together = self.together, False
        outer = self.chosen
        found = GraphChecking(self, graph, args, width, stride).possible(values)
        self.chosen = outer
        if together:
            return Several(found)  # type: ignore[return-value]
        return self.one_of(found)

    def one_of(self, found: frozenset[Result]) -> Result:
        """One of several outcomes, so that the repeated runs meet them all."""
        if not found:
            # Said already where it happened.
            raise NasdslError(())
        if len(found) == 1:
            return next(iter(found))
        assert isinstance(self.chosen, Oracle)
        return sorted(found, key=repr)[self.chosen.branch(len(found))]


class GraphChecking(GraphLowering):
    """One use of a graph, with a set of shapes for every value."""

    checking: Checking

    def __init__(self, checking: Checking, graph: sk.Graph, args: Mapping[str, Value], width: int, stride: int) -> None:
        # Parameters of a graph are fixed numbers, so defaults ask no decision.
        super().__init__(checking, graph, args, width, stride)
        self.checking = checking

    def possible(self, values: list[Carried]) -> frozenset[Carried]:
        found: set[Carried] = set()
        known = self.checking.graphs
        for wires in self.checking.outcomes(lambda: self.aligned_ports(values)):
            key = (self.graph.key, wires, tuple(sorted(self.params.items())), self.width, self.stride)
            if key not in known:
                known[key] = self.after(wires)
            found |= known[key]
        return frozenset(found)

    def aligned_ports(self, values: list[Carried]) -> tuple[Wire, ...]:
        self.wires = []
        self.ports(values)
        return tuple(self.wires)

    def aligned(self, align: sk.Align, wire: Wire, target: Shape, slot: str) -> Wire:
        key = (self.graph.key, id(align), wire, target, self.width)
        known = self.checking.edges
        if key not in known:
            usual = super().aligned
            known[key] = self.checking.outcomes(lambda: usual(align, wire, target, slot))
        return self.checking.one_of(known[key])

    def after(self, ports: tuple[Wire, ...]) -> frozenset[Carried]:
        possible: list[frozenset[Wire]] = [frozenset([w]) for w in ports]
        for node in self.graph.nodes:
            made: set[Wire] = set()
            levels = [None] if node.level is None else self.checking.outcomes(lambda n=node: self.level_of(n))  # type: ignore[misc]
            for level in levels:
                made |= self.node_outcomes(node, level, possible)
            if not made:
                return frozenset()
            possible.append(frozenset(made))
        return self.out_outcomes(possible)

    def level_of(self, node: sk.Node) -> Shape:
        assert node.level is not None
        found = value(node.level, self.frame(self.width), self.lowering.chosen)
        assert isinstance(found, int)
        return Shape(self.width, self.lowering.size_at(found), found)

    def node_outcomes(self, node: sk.Node, level: Shape | None, possible: list[frozenset[Wire]]) -> frozenset[Wire]:
        widths = [self.width]
        if node.width is not None:
            number, frame = node.width, self.frame(self.width)
            widths = [
                w
                for w in self.checking.outcomes(lambda: value(number, frame, self.lowering.chosen))
                if isinstance(w, int)
            ]
        found: set[Wire] = set()
        for width in widths:
            slots: list[frozenset[Wire]] = []
            for reads in node.reads:
                for j, op in enumerate(reads.ops):
                    sources = reads.members if reads.path is not None else (reads.members[j],)
                    slots.append(self.slot_outcomes(sources, op, level, width, possible))
            found |= self.joins(node, slots, level, width, possible)
        return frozenset(found)

    def slot_outcomes(
        self,
        sources: tuple[int, ...],
        op: sk.Step | None,
        level: Shape | None,
        width: int,
        possible: list[frozenset[Wire]],
    ) -> frozenset[Wire]:
        """What one slot can receive, whichever of the sources it reads and whatever it passes through."""
        found: set[Wire] = set()
        for source in sources:
            port = source < self.graph.inputs
            for wire in possible[source]:
                key = (self.graph.key, id(op), wire, port, level, width, self.width, self.stride)
                if key not in self.checking.edges:
                    self.wires = [wire] * len(self.graph.values)
                    self.checking.edges[key] = self.checking.outcomes(
                        lambda s=source: self.edge(s, op, level, "", width)  # type: ignore[misc]
                    )
                found |= self.checking.edges[key]
        return frozenset(found)

    def joins(
        self,
        node: sk.Node,
        slots: list[frozenset[Wire]],
        level: Shape | None,
        width: int,
        possible: list[frozenset[Wire]],
    ) -> frozenset[Wire]:
        found: set[Wire] = set()
        for count, edges in enumerate(product(*(sorted(s, key=repr) for s in slots))):
            if count == MOST_RUNS:
                self.checking.note(
                    Diagnostic(
                        "W0401", "too many combinations to prove that all shapes fit", node.span, severity="warning"
                    )
                )
                break
            at = level.level if level is not None else edges[0].shape.level
            extra: list[tuple[Wire, ...]] = [()]
            if isinstance(node.absorb, tuple):
                extra = list(product(*(possible[m] for m in node.absorb)))
            else:
                extra += [(w,) for w in {w for m in node.absorb.members for w in possible[m] if w.shape.level == at}]
            for absorbed in extra:
                found |= self.checking.outcomes(
                    lambda e=edges, a=absorbed: self.joined(node, list(e), list(a))  # type: ignore[misc]
                )
        if node.then is None and node.free:
            return frozenset(found)
        done: set[Wire] = set()
        for wire in found:
            done |= self.checking.outcomes(lambda w=wire: self.closed(node, w, width))  # type: ignore[misc]
        return frozenset(done)

    def out_outcomes(self, possible: list[frozenset[Wire]]) -> frozenset[Carried]:
        out = self.graph.out
        checking = self.checking
        members = out.members.members if isinstance(out.members, sk.Unread) else out.members
        if out.pyramid:
            by_level: dict[int, set[Wire]] = {}
            for m in members:
                for wire in possible[m]:
                    by_level.setdefault(wire.shape.level, set()).add(wire)
            if len(by_level) != len(members):
                shown = ", ".join(map(str, sorted(by_level)))
                note = f"its {len(members)} values lie at levels {shown}"
                checking.note(Diagnostic("E0407", "`out ... by level` holds a level twice", out.span, note))
                return frozenset()
            levels = sorted(by_level)
            return frozenset(
                Pyramid(tuple(zip(levels, wires, strict=True))) for wires in product(*(by_level[lv] for lv in levels))
            )
        if out.merge is None:
            return frozenset(possible[members[0]])
        return self.merged_out(out, members, possible)

    def merged_out(self, out: sk.Out, members: tuple[int, ...], possible: list[frozenset[Wire]]) -> frozenset[Carried]:
        """The joins of all members, or of any that may be left unread: one after another, so that sums stay few."""
        merge = out.merge
        assert merge is not None
        optional = isinstance(out.members, sk.Unread)
        level = max(w.shape.level for m in members for w in possible[m])
        partial: set[Wire | None] = {None}
        for i, m in enumerate(members):
            wires = set(possible[m])
            if self.graph.aligns:
                for wire in list(wires):
                    if wire.shape.level < level:
                        wires.remove(wire)
                        wires |= self.checking.outcomes(
                            lambda w=wire: self.lowering.reduce(w, self.width, level, "")  # type: ignore[misc]
                        )
            # The last value of all is read by nobody: there is nothing behind it.
            skipped = partial if optional and (m != len(possible) - 1 or i < len(members) - 1) else set()
            grown: set[Wire | None] = set(skipped)
            for before in partial:
                for wire in wires:
                    if before is None:
                        grown.add(wire)
                    else:
                        grown |= self.checking.outcomes(
                            lambda b=before, w=wire: self.lowering.join(merge, (b, w), out.span)  # type: ignore[misc]
                        )
            partial = grown
        return frozenset(w for w in partial if w is not None)


def every_decision(space: SearchSpace) -> Iterator[Decision]:
    """All decisions of a space, those under alternatives included."""
    stack = list(space.decisions)
    while stack:
        decision = stack.pop()
        yield decision
        for part in (*getattr(decision, "alternatives", ()), *getattr(decision, "reads", ())):
            stack += part.decisions
