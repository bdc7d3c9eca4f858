"""What a network costs, as a sum over decisions: of nets that are chains, with shapes that no decision changes.

There every operation is live, and what a step costs depends on its own decisions alone. A net with cells is no such
net: what a cell costs depends on what reads what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from nasdsl.compiler.check import every_decision
from nasdsl.compiler.frame import Carried, Wire
from nasdsl.compiler.lower import Lowering
from nasdsl.compiler.misfits import shape_of
from nasdsl.compiler.oracle import Oracle
from nasdsl.compiler.tally import Condition, Reaches, Takes, UndecidedError
from nasdsl.diagnostics import NasdslError
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice
from nasdsl.space.model import SearchSpace

MOST_RUNS = 1_000


class Cost(NamedTuple):
    """What a step costs under conditions."""

    conditions: tuple[Condition, ...]
    params: int
    macs: int


def costs(space: SearchSpace) -> list[Cost]:
    """All that a network of the space may cost; UndecidedError where that is no sum over decisions."""
    if Costing not in space.memory:
        try:
            space.memory[Costing] = list(Costing(space).parts())
        except UndecidedError as reason:
            space.memory[Costing] = reason
    found = space.memory[Costing]
    if isinstance(found, UndecidedError):
        raise found
    return found  # type: ignore[no-any-return]


class Costing(Lowering):
    """Lowers a net step by step, each in every way that its decisions can be taken."""

    def __init__(self, space: SearchSpace) -> None:
        self.decisions = {d.path: d for d in every_decision(space)}
        self.oracle = Oracle(self.decisions)
        super().__init__(space.skeleton, self.oracle)
        self.params = self.macs = 0

    def parts(self) -> Iterator[Cost]:
        root = self.skeleton.root
        if isinstance(root, str):
            raise UndecidedError("no net")
        made: list[Carried] = []
        yield from self.runs((), lambda: self.source(root.input), made)
        for item in root.steps:
            if item.role == "tap":
                continue
            before = made.pop()
            under = tuple((self.decisions[w.path], Reaches(w.index)) for w in item.under)
            yield from self.runs(under, lambda i=item, b=before: self.net_step(i, [b]), made)  # type: ignore[misc]
            if under and made != [before]:
                raise UndecidedError("a depth that changes the shape")

    def runs(self, under: tuple[Condition, ...], run: Callable[[], Carried], made: list[Carried]) -> Iterator[Cost]:
        """What a run costs in every way to take the decisions it meets; what it delivers is added to `made`."""
        results: set[Carried] = set()
        found: list[Cost] = []
        for _ in self.oracle.runs():
            self.params = self.macs = 0
            try:
                results.add(run())
            except NasdslError:
                raise UndecidedError("shapes") from None
            found.append(Cost((*under, *self.answered()), self.params, self.macs))
            if len(results) > 1 or len(found) > MOST_RUNS:
                raise UndecidedError("several shapes")
        made += results
        yield from found

    def answered(self) -> Iterator[Condition]:
        """How the decisions that the last run met were taken."""
        for path, own in self.oracle.taken.items():
            assert isinstance(path, str)
            d = self.decisions[path]
            # That a depth is just so is not told by what stands below it.
            if not isinstance(d, Choice) or not isinstance(own, int):
                raise UndecidedError("a depth inside a step")
            yield d, Takes(own)

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        primitive, shapes = get(name), tuple(w.shape for w in wires)
        shape = shape_of(primitive, shapes, args, span)
        self.params += primitive.params(shapes, shape, args)
        self.macs += primitive.macs(shapes, shape, args) * self.times
        return Wire(shape, 0)

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        raise UndecidedError("what reads it may be dead")

    def graph(
        self, graph: sk.Graph, values: list[Carried], args: Mapping[str, Value], width: int, stride: int
    ) -> Carried:
        raise UndecidedError(graph.key)
