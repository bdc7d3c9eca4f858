"""What a lowering emits: operations with shapes and costs, each at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from nasdsl.compiler.frame import Binding, Wire
from nasdsl.compiler.misfits import located_failure, shape_of
from nasdsl.compiler.network import Op, Scope, Tap
from nasdsl.ops.primitive import Shape, Value
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk


class Emission:
    """One lowering in progress: the operations emitted so far, and the scopes around the next."""

    def __init__(self, skeleton: sk.Skeleton, chosen: Mapping[str, object], binding: Binding | None = None) -> None:
        self.skeleton = skeleton
        self.chosen = chosen
        self.binding = binding
        self.ops: list[Op] = []
        self.scopes: tuple[Scope, ...] = ()
        self.paths: dict[str, int] = {}
        # How often a block or a graph of each name was entered where the next one stands; and by stage.
        self.siblings: dict[str, int] = {}
        self.stages: dict[tuple[str, ...], dict[str, int]] = {}
        self.image: tuple[int, ...] = (32, 32)
        self.taps: list[Tap] = []
        self.feedback: list[tuple[int, int]] = []
        # How often what is emitted now runs: once, or for every element of a sequence.
        self.times = 1

    # ---- emission ----

    def within(self, scope: Scope) -> AbstractContextManager[None]:
        """What is emitted inside stands in a scope."""
        return self._inside((self.apart(scope),), {})

    def in_stage(self, stage: tuple[Scope, ...]) -> AbstractContextManager[None]:
        """What is emitted inside is a step of the net, in a stage or beside them."""
        return self._inside(stage, self.stages.setdefault(tuple([scope.name for scope in stage]), {}))

    @contextmanager
    def _inside(self, scopes: tuple[Scope, ...], siblings: dict[str, int]) -> Iterator[None]:
        outer = self.scopes, self.siblings
        self.scopes, self.siblings = (*self.scopes, *scopes), siblings
        try:
            yield
        finally:
            self.scopes, self.siblings = outer

    def apart(self, scope: Scope) -> Scope:
        """Two chains that stand side by side, as in a branch, may name their steps alike: the second has a number."""
        if scope.kind not in ("block", "graph"):
            return scope
        count = self.siblings[scope.name] = self.siblings.get(scope.name, -1) + 1
        return replace(scope, name=f"{scope.name}[{count}]") if count else scope

    def emit(
        self, name: str, args: Mapping[str, Value], wires: tuple[Wire, ...], span: Span, missing: tuple[int, ...] = ()
    ) -> Wire:
        """One operation on present wires."""
        primitive = get(name)
        shapes = tuple(w.shape for w in wires)
        shape = shape_of(primitive, shapes, args, span)
        inputs = tuple(w.position for w in wires if w.position is not None)
        try:
            params, macs = primitive.params(shapes, shape, args), primitive.macs(shapes, shape, args) * self.times
        except Exception as failure:
            raise located_failure(name, "cost rule", failure, span) from failure
        return self.added(
            Op(name, tuple(args.items()), inputs, shape, self.path(name), self.scopes, params, macs, missing)
        )

    def added(self, op: Op) -> Wire:
        """What an operation delivers, once it stands in the network."""
        assert op.shape is not None
        self.ops.append(op)
        return Wire(op.shape, len(self.ops) - 1)

    def ghost(self, name: str, shape: Shape, wires: tuple[Wire, ...]) -> Wire:
        """An absent operation: it stands in drawings and nowhere else."""
        inputs = tuple(w.position for w in wires if w.position is not None)
        missing = tuple(g for w in wires for g in w.ghosts)
        self.ops.append(Op(name, (), inputs, None, self.path(name), self.scopes, missing=missing))
        return Wire(shape, None, (len(self.ops) - 1,))

    def path(self, name: str) -> str:
        """Where an operation stands: `search.stage[0].large.n[1].op[0].conv`, the second of a name with `[1]`."""
        path = ".".join((*(s.name for s in self.scopes), name))
        count = self.paths.get(path, 0)
        self.paths[path] = count + 1
        return f"{path}[{count}]" if count else path

    @property
    def count(self) -> int:
        """How many operations have been emitted."""
        return len(self.ops)

    def size_at(self, level: int) -> tuple[int, ...]:
        return tuple(-(-n // (1 << level)) for n in self.image)


def named(step: sk.Step) -> str:
    """What a step is called in the paths of its operations."""
    match step:
        case sk.Apply():
            return step.primitive
        case sk.Call():
            return step.block
        case sk.UseGraph():
            return step.graph
        case sk.Outer():
            return named(step.step)
    return type(step).__name__.lower()


def label(name: str, args: Mapping[str, Value], step: sk.Apply) -> str:
    """`max_pool(3)`: a primitive with the arguments that were written."""
    first = get(name).parameters[0].name if get(name).parameters else ""
    shown = [str(args[k]) if k == first else f"{k} = {args[k]}" for k, _ in step.args]
    return f"{name}({', '.join(shown)})" if shown else name
