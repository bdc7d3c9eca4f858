"""The resolved network of one genotype: every operation in order, with shape and cost, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from nasdsl.ops.primitive import Shape, Value

ScopeKind = Literal["net", "stage", "graph", "node", "block", "align", "tap", "choice"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an operation stands in, from the net inwards; `name` is unique among its siblings.

    `label` is what a person reads: `stage 1`, `large`, `n[0]`, `sep_conv(3)`. `ports` of a graph in use are the names
    of its ports and the positions of what each is given; absent values are left out.
    """

    kind: ScopeKind
    name: str
    label: str
    level: int | None = None
    ports: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Op:
    """One operation. `inputs` are positions of earlier operations, in the order of its ports.

    An absent operation (one that reads only absent values, or `none` itself) has no shape, and is read by nobody:
    `missing` lists the absent operations that stood where a reader skipped a value.
    """

    name: str
    args: tuple[tuple[str, Value], ...]
    inputs: tuple[int, ...]
    shape: Shape | None
    path: str
    scopes: tuple[Scope, ...]
    params: int = 0
    macs: int = 0
    missing: tuple[int, ...] = ()

    @property
    def absent(self) -> bool:
        return self.shape is None


@dataclass(frozen=True, slots=True)
class Tap:
    """A second head: the operation that delivers its value, and its weight in the loss."""

    name: str
    position: int
    weight: float


@dataclass(frozen=True)
class Network:
    """All operations of a network, in an order in which each comes after its inputs.

    `inputs` are the positions of what is fed from outside. `outputs` holds one (level, position) for each delivered
    value: a single one with level None, or one for each level of a pyramid. No output means a dead genotype.
    `taps` are second heads, off in evaluation: outputs, live and costs are those of the evaluated network.
    """

    name: str
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[tuple[int | None, int], ...]
    taps: tuple[Tap, ...] = ()
    # (state, out): the state reads what `out` delivered for the element before.
    feedback: tuple[tuple[int, int], ...] = ()

    @cached_property
    def live(self) -> frozenset[int]:
        """Positions of the operations the outputs depend on; the inputs always belong to it."""
        live: set[int] = set()
        ahead = [position for _, position in self.outputs]
        fed = dict(self.feedback)
        while ahead:
            position = ahead.pop()
            if position not in live:
                live.add(position)
                ahead += self.ops[position].inputs
                ahead += [fed[position]] if position in fed else []
        return frozenset(live | set(self.inputs))

    @cached_property
    def with_taps(self) -> Network:
        """The network as it is trained: what the taps deliver are outputs too, at levels below 0."""
        ends = tuple((-1 - i, tap.position) for i, tap in enumerate(self.taps))
        return replace(self, outputs=(*self.outputs, *ends), taps=())

    @property
    def dead(self) -> bool:
        """Whether nothing reaches an output."""
        return not self.outputs

    @cached_property
    def params(self) -> int:
        """Trainable parameters of the live operations."""
        return sum(self.ops[i].params for i in self.live)

    @cached_property
    def macs(self) -> int:
        """Multiply-adds of the live operations for one image."""
        return sum(self.ops[i].macs for i in self.live)
