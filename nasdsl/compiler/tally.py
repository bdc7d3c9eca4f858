"""What adds up in a space: edges, nodes, steps, uses of an operation and widths, as sums over decisions.

One walk over the skeleton adds them up, for the decisions of one genotype, or with each part under the conditions on
which it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nasdsl.compiler.frame import Frame, value
from nasdsl.diagnostics import NasdslError
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision

Place = sk.Skeleton | sk.Graph | sk.Node
Number = int | float
Condition = tuple[Decision, Callable[[Any], bool]]
NOWHERE = Frame(1, 1)


class UndecidedError(Exception):
    """What is asked for is no sum over independent decisions."""


class Walk:
    """Adds up one measure after another in `found`: amounts, each under the conditions on which it counts.

    Decisions in `answers` are taken as they are there; of the others, known by their paths in `decisions`, every way is
    followed.
    """

    def __init__(self, skeleton: sk.Skeleton, answers: Mapping[str, Any], decisions: Mapping[str, Decision]) -> None:
        self.skeleton = skeleton
        self.answers = answers
        self.decisions = decisions
        self.conditions: tuple[Condition, ...] = ()
        self.found: list[tuple[tuple[Condition, ...], Number]] = []
        self.times: Number = 1

    def add(self, amount: Number = 1) -> None:
        self.found.append((self.conditions, amount * self.times))

    @contextmanager
    def when(self, path: str, holds: Callable[[Any], bool]) -> Iterator[bool]:
        """What is added inside counts where the decision at `path` holds; False where it is known not to."""
        before = self.conditions
        if path in self.answers:
            yield holds(self.answers[path])
        elif path in self.decisions:
            self.conditions = (*before, (self.decisions[path], holds))
            yield True
        else:
            raise UndecidedError(path)
        self.conditions = before

    # ---- measures ----

    def measure(self, measure: sk.Measure, place: Place) -> None:
        """Adds what a measure finds in a place; UndecidedError where it is no sum."""
        match measure.name:
            case "width":
                assert isinstance(self.skeleton.root, sk.Net)
                of_stage = (s.width for s in self.skeleton.root.steps if s.stage == measure.of)
                self.number(next(width for width in of_stage if width is not None))
            case "depth" if isinstance(place, sk.Skeleton):
                for item in self.net_steps():
                    self.add(int(item.role == "step"))
            case "edges":
                for node in self.nodes(place):
                    self.edges(node)
            case "nodes":
                for _ in self.nodes(place):
                    self.add()
            case "count":
                self.count(measure, place)
            case _:
                raise UndecidedError(measure.name)

    def count(self, measure: sk.Measure, place: Place) -> None:
        for node in self.nodes(place):
            for step in self.steps_of(node):
                self.uses(step, measure)
        if isinstance(place, sk.Skeleton):
            for item in self.net_steps():
                if item.role != "tap":
                    self.uses(item.step, measure)

    def nodes(self, place: Place) -> Iterator[sk.Node]:
        """The nodes of a place, each under the condition that it is there."""
        graphs = place.graphs.values() if isinstance(place, sk.Skeleton) else (place,)
        for graph in graphs:
            for node in graph.nodes if isinstance(graph, sk.Graph) else (graph,):
                if node.within is None:
                    yield node
                    continue
                index = node.within.index
                with self.within(node.within.path, index) as there:
                    if there:
                        yield node

    def within(self, path: str, index: int) -> Any:
        return self.when(path, lambda count: count > index)

    def net_steps(self) -> Iterator[sk.NetStep]:
        root = self.skeleton.root
        for item in root.steps if isinstance(root, sk.Net) else ():
            yield from self.under(item, item.under)

    def under(self, item: sk.NetStep, conditions: tuple[sk.Within, ...]) -> Iterator[sk.NetStep]:
        if not conditions:
            yield item
            return
        with self.within(conditions[0].path, conditions[0].index) as there:
            if there:
                yield from self.under(item, conditions[1:])

    def steps_of(self, node: sk.Node) -> Iterator[sk.Step]:
        """What the values that a node reads, and what it makes of them, pass through."""
        for reads in node.reads:
            yield from (op for op, _ in self.slots(reads) if op is not None)
        yield from (step for step in (node.merge, node.then) if step is not None)

    def slots(self, reads: sk.Reads) -> Iterator[tuple[sk.Step | None, bool]]:
        """What each value that is read passes through, and whether it was drawn, under the condition that it is."""
        for j, op in enumerate(reads.ops):
            if reads.path is None:
                yield op, False
                continue
            with self.filled(reads.path, j) as there:
                if there:
                    yield op, True

    def edges(self, node: sk.Node) -> None:
        """One for each pair of a value and an operation: what was drawn, or passes through an operation.

        What passes through `none` is absent.
        """
        for reads in node.reads:
            for op, drawn in self.slots(reads):
                if op is not None:
                    self.paths(op)
                elif drawn:
                    self.add()
        if isinstance(node.absorb, sk.Drawn):
            for p in range(len(node.absorb.members)):
                with self.when(node.absorb.path, lambda own, p=p: p in own) as there:  # type: ignore[misc]
                    if there:
                        self.add()

    def paths(self, op: sk.Step) -> None:
        """How many ways a value takes through an operation."""
        if isinstance(op, sk.Switch | sk.Parallel):
            for taken in self.taken(op):
                self.paths(taken)
        elif not (isinstance(op, sk.Apply) and op.primitive == "none"):
            self.add()

    def taken(self, step: sk.Switch | sk.Parallel) -> Iterator[sk.Step]:
        """The alternatives that are taken, each under the condition that it is."""
        for i, alternative in enumerate(step.alternatives):
            with self.drawn(step.path, i) if isinstance(step, sk.Parallel) else self.chosen(step.path, i) as there:
                if there:
                    yield alternative

    def chosen(self, path: str, i: int) -> Any:
        """The condition that a choice takes alternative i."""
        return self.when(path, lambda own: own == i)

    def drawn(self, path: str, p: int) -> Any:
        """The condition that a set of operations holds member p."""
        return self.when(path, lambda own: p in own)

    def filled(self, path: str, j: int) -> Any:
        """The condition that more than j values are drawn."""
        return self.when(path, lambda own: len(own) > j)

    # ---- uses of an operation ----

    def uses(self, step: sk.Step, measure: sk.Measure, frames: tuple[Mapping[str, sk.Number], ...] = ({},)) -> None:
        """One for each use of what is counted, also inside blocks of the user's own; `frames` are their parameters."""
        match step:
            case sk.Switch() | sk.Parallel():
                for taken in self.taken(step):
                    self.uses(taken, measure, frames)
            case sk.Repeat():
                for i, body in enumerate(step.bodies):
                    with self.within(step.path, i) as there:
                        if there:
                            self.uses(body, measure, frames)
            case sk.Apply() | sk.UseGraph():
                self.alike(step, measure, frames[-1])
            case sk.Call():
                self.alike(step, measure, frames[-1])
                self.inside(step, measure, frames)
            case sk.Outer():
                self.uses(step.step, measure, frames[:-1])
            case _:
                for part in _parts(step):
                    self.uses(part, measure, frames)

    def inside(self, call: sk.Call, measure: sk.Measure, frames: tuple[Mapping[str, sk.Number], ...]) -> None:
        """What a block uses: of one of the library, the operations that it is given."""
        if call.body.span.source.library:
            for _, given in call.given:
                if given is not None:
                    self.uses(given, measure, frames)
            return
        inner = {name: _filled(number, frames[-1]) for name, number in call.args}
        self.uses(call.body, measure, (*frames, inner))

    def alike(
        self, step: sk.Apply | sk.Call | sk.UseGraph, measure: sk.Measure, params: Mapping[str, sk.Number]
    ) -> None:  # fmt: skip
        """One, where the step is what is counted."""
        wanted, name = measure.use, _name(step)
        if wanted is None:
            if measure.of in (name, name.partition("[")[0]):
                self.add()
        elif isinstance(wanted, sk.Apply | sk.Call | sk.UseGraph) and name == _name(wanted):
            given = {key: _filled(number, params) for key, number in step.args}
            self.equal([(given.get(key), number) for key, number in wanted.args])

    def equal(self, pairs: list[tuple[sk.Number | None, sk.Number]]) -> None:
        """One, where all arguments are as they are wanted."""
        if not pairs:
            self.add()
            return
        given, wanted = pairs[0]
        if isinstance(given, sk.NumberChoice):
            for i, alternative in enumerate(given.alternatives):
                with self.chosen(given.path, i) as there:
                    if there:
                        self.equal([(alternative, wanted), *pairs[1:]])
        elif given == wanted:
            self.equal(pairs[1:])

    # ---- numbers ----

    def number(self, number: sk.Number) -> None:
        """Adds a number that may be a choice, or a sum of such."""
        match number:
            case sk.Const(value=int() | float() as fixed):
                self.add(fixed)
            case sk.NumberChoice():
                for i, alternative in enumerate(number.alternatives):
                    with self.chosen(number.path, i) as there:
                        if there:
                            self.number(alternative)
            case sk.Arithmetic(op="+" | "-"):
                self.number(number.left)
                with self.scaled(1 if number.op == "+" else -1):
                    self.number(number.right)
            case sk.Arithmetic(op="*", left=sk.Const(value=int() | float() as by), right=other):
                with self.scaled(by):
                    self.number(other)
            case sk.Arithmetic(op="*", left=other, right=sk.Const(value=int() | float() as by)):
                with self.scaled(by):
                    self.number(other)
            case _:
                self.add(self.taken_number(number))

    def taken_number(self, number: sk.Number) -> Number:
        """A number of decisions that are all taken."""
        try:
            found = value(number, NOWHERE, self.answers)
        except (KeyError, NasdslError):
            raise UndecidedError(str(number)) from None
        assert isinstance(found, int | float)
        return found

    @contextmanager
    def scaled(self, by: Number) -> Iterator[None]:
        before, self.times = self.times, self.times * by
        yield
        self.times = before


def _name(step: sk.Apply | sk.Call | sk.UseGraph) -> str:
    match step:
        case sk.Apply():
            return step.primitive
        case sk.Call():
            return step.block
    return step.graph


def _parts(step: sk.Chain | sk.Branch | sk.Shortcut | sk.Tap) -> tuple[sk.Step, ...]:
    """The steps that a step is made of."""
    match step:
        case sk.Chain():
            return step.steps
        case sk.Branch():
            return (step.merge, *step.chains)
        case sk.Shortcut():
            return (step.body,)
    return (step.step,)


def _filled(number: sk.Number, params: Mapping[str, sk.Number]) -> sk.Number:
    """A number with the parameters of the block around it."""
    return params.get(number.name, number) if isinstance(number, sk.Symbol) else number
