"""What a space is made of once names are gone: graphs, nodes, steps and numbers, with paths where decisions stand.

Everything here is frozen and says nothing about text. A decision is met as its path; `Genotype.assignment` holds what
was decided there. Numbers stay expressions, because `in` and `width` are known only where a step is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nasdsl.ops.primitive import Value
from nasdsl.source import Span

# ---- numbers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Const:
    value: Value


@dataclass(frozen=True, slots=True)
class Symbol:
    """`in`, `width`, `stride`, or a parameter of the block or cell the number stands in."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: str
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class NumberChoice:
    path: str
    alternatives: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Dealt:
    """Element `index` of the permutation decided at `path`."""

    path: str
    index: int
    items: tuple[Value, ...]


Number = Const | Symbol | Arithmetic | NumberChoice | Dealt

# ---- steps -------------------------------------------------------------------------------------

NamedNumbers = tuple[tuple[str, Number], ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """One primitive."""

    primitive: str
    args: NamedNumbers
    span: Span = field(compare=False, repr=False)
    sets_width: bool = False
    # Whether the primitive can be given a stride, or stands for the cell's alignment (`identity`).
    takes_stride: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a block; `args` are evaluated where the call stands, `body` in a frame of its own."""

    block: str
    args: NamedNumbers
    shown: tuple[str | None, ...]
    body: Chain
    own_stride: bool
    span: Span = field(compare=False, repr=False)
    sets_width: bool = False


@dataclass(frozen=True, slots=True)
class UseGraph:
    """One use of a cell or a motif, by its key: `large`, `small[3]`."""

    graph: str
    args: NamedNumbers
    span: Span = field(compare=False, repr=False)
    sets_width: bool = True


@dataclass(frozen=True, slots=True)
class Switch:
    """A choice among steps."""

    path: str
    alternatives: tuple[Step, ...]
    span: Span = field(compare=False, repr=False)
    sets_width: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    steps: tuple[Step, ...]
    span: Span = field(compare=False, repr=False)
    sets_width: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    merge: Step
    chains: tuple[Chain, ...]
    span: Span = field(compare=False, repr=False)
    sets_width: bool = False


@dataclass(frozen=True, slots=True)
class Shortcut:
    body: Chain
    span: Span = field(compare=False, repr=False)
    sets_width: bool = False


Step = Apply | Call | UseGraph | Switch | Chain | Branch | Shortcut

# ---- graphs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Port:
    """A port; a pyramid has its levels."""

    name: str
    levels: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reads:
    """What a node reads. Values are positions in the graph: ports first (a pyramid's levels each), then nodes.

    Without a decision (`path` None) every member is read, in order; else the positions in `members` decided there.
    `ops[j]` is what slot j passes through, None where it passes through nothing.
    """

    path: str | None
    members: tuple[int, ...]
    ops: tuple[Step | None, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """`unused`: the members that nobody has read yet."""

    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    path: str
    reads: tuple[Reads, ...]
    merge: Step | None
    absorb: Unread | tuple[int, ...]
    then: Step | None
    level: Number | None
    width: Number | None
    free: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Align:
    where: Literal["ports", "reads", "edges"]
    when: Literal["always", "needed"]
    step: Step


@dataclass(frozen=True, slots=True)
class Out:
    """`members` joined by `merge`, or one value, or (`pyramid`) one value for each level."""

    members: Unread | tuple[int, ...]
    merge: Step | None
    pyramid: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Graph:
    """One cell or motif with its own decisions. `values` names every position: `prev1`, `p[3]`, `n[0]`."""

    key: str
    kind: Literal["cell", "motif"]
    ports: tuple[Port, ...]
    parameters: NamedNumbers
    aligns: tuple[Align, ...]
    nodes: tuple[Node, ...]
    out: Out
    values: tuple[str, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def inputs(self) -> int:
        """How many of the positions are ports."""
        return len(self.values) - len(self.nodes)


@dataclass(frozen=True, slots=True)
class NetStep:
    """A step of the skeleton that delivers one value to the window."""

    role: Literal["stem", "step", "head"]
    step: Step
    path: str
    stage: str | None = None
    width: Number | None = None
    stride: Number = Const(1)


@dataclass(frozen=True, slots=True)
class Net:
    name: str
    input: Apply
    steps: tuple[NetStep, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The root (a net, or the key of a graph where the file has no net) and every graph it can reach.

    `reduction` is the alignment at a stride: one block that halves the resolution and sets the width.
    """

    root: Net | str
    graphs: Mapping[str, Graph]
    reduction: Step
