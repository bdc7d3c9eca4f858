"""What a space is made of once names are gone: graphs, nodes, steps and numbers, with paths where decisions stand.

Everything here is frozen and says nothing about text. A decision is met as its path; `Genotype.assignment` holds what
was decided there. Numbers stay expressions, because `in` and `width` are known only where a step is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from nasdsl.ops.primitive import Value
from nasdsl.record import Record
from nasdsl.source import Span

# ---- numbers -----------------------------------------------------------------------------------


class Const(Record):
    value: Value


class Symbol(Record):
    """`in`, `width`, `stride`, or a parameter of the block or cell the number stands in."""

    name: str


class Arithmetic(Record):
    """`terms` is how many numbers it is calculated from."""

    op: str
    left: Number
    right: Number
    terms: int = 2


class NumberChoice(Record):
    """`terms` is how many numbers the alternative of most numbers is calculated from."""

    path: str
    alternatives: tuple[Number, ...]
    terms: int = 1


class Dealt(Record):
    """Element `index` of the permutation decided at `path`."""

    path: str
    index: int
    items: tuple[Value, ...]


class Measure(Record):
    """What a constraint looks at: `params`, `edges`, `count(identity)`, `a.width`.

    Of `count(identity)` the name is `count`, and `of` what stands in brackets; of `a.width` they are `width` and `a`.
    `use` is the operation to be counted with its arguments, None where it is counted with any.
    """

    name: str
    of: str | None = None
    use: Step | None = None


Number = Const | Symbol | Arithmetic | NumberChoice | Dealt | Measure


class Test(Record):
    """One comparison of a constraint."""

    op: Literal["<=", ">=", "==", "!=", "<", ">"]
    left: Number
    right: Number
    span: Span


# ---- steps -------------------------------------------------------------------------------------

NamedNumbers = tuple[tuple[str, Number], ...]


class Apply(Record):
    """One primitive."""

    primitive: str
    args: NamedNumbers
    span: Span
    sets_width: bool = False
    # Whether the primitive can be given a stride, or stands for the cell's alignment (`identity`).
    takes_stride: bool = False


class Call(Record):
    """One use of a block; `args` are evaluated where the call stands, `body` in a frame of its own."""

    block: str
    args: NamedNumbers
    shown: tuple[str | None, ...]
    body: Chain
    own_stride: bool
    span: Span
    sets_width: bool = False
    # The operations among the arguments, as written; they stand in the body. None for one that still needs arguments.
    given: tuple[tuple[str, Step | None], ...] = ()


class UseGraph(Record):
    """One use of a cell or a motif, by its key: `large`, `small[3]`."""

    graph: str
    args: NamedNumbers
    span: Span
    sets_width: bool = True


class Switch(Record):
    """A choice among steps."""

    path: str
    alternatives: tuple[Step, ...]
    span: Span
    sets_width: bool = False


class Parallel(Record):
    """`op some of S`: a parallel edge for each of the operations whose positions are decided at `path`."""

    path: str
    alternatives: tuple[Step, ...]
    span: Span
    sets_width: bool = False


class Chain(Record):
    steps: tuple[Step, ...]
    span: Span
    sets_width: bool = False


class Repeat(Record):
    """A choice of depth in a chain: the first so many of `bodies` as are decided at `path`."""

    path: str
    bodies: tuple[Chain, ...]
    span: Span
    sets_width: bool = False


class Branch(Record):
    merge: Step
    chains: tuple[Chain, ...]
    span: Span
    sets_width: bool = False


class Shortcut(Record):
    body: Chain
    span: Span
    sets_width: bool = False


class Outer(Record):
    """An operation given to the block whose body it stands in: its numbers are those of where the block is used."""

    step: Step
    span: Span
    sets_width: bool = False


class Tap(Record):
    """A second head on the newest value of the window, at `weight` in the loss; it fills no place there."""

    name: str
    step: Step
    weight: Number
    span: Span
    sets_width: bool = False


Step = Apply | Call | UseGraph | Switch | Parallel | Chain | Repeat | Branch | Shortcut | Outer | Tap


class Within(Record):
    """The condition of a part of a repetition: more than `index` of them are decided at `path`."""

    path: str
    index: int


# ---- graphs ------------------------------------------------------------------------------------


class Port(Record):
    """A port; a pyramid has its levels, and a state is fed by the graph's own `out`."""

    name: str
    levels: tuple[int, ...] | None
    state: bool
    span: Span


class Reads(Record):
    """What a node reads. Values are positions in the graph: ports first (a pyramid's levels each), then nodes.

    Without a decision (`path` None) every member is read, in order; else the positions in `members` decided there, at
    least `least` of them. `ops[j]` is what slot j passes through, None where it passes through nothing.
    """

    path: str | None
    members: tuple[int, ...]
    ops: tuple[Step | None, ...]
    span: Span
    least: int = 0


class Unread(Record):
    """`unused`: the members that nobody has read yet."""

    members: tuple[int, ...]


class Drawn(Record):
    """`some of S`, joined without an operation: the members whose positions are decided at `path`."""

    path: str
    members: tuple[int, ...]
    least: int = 0


class Node(Record):
    """One node. `within` says of an element of an array of open length when it is there.

    `free`: it is as wide as it is; `shared`: as wide as its readers take it.
    """

    name: str
    path: str
    reads: tuple[Reads, ...]
    merge: Step | None
    absorb: Unread | Drawn | tuple[int, ...]
    then: Step | None
    level: Number | None
    width: Number | None
    free: bool
    span: Span
    within: Within | None = None
    requires: tuple[Test, ...] = ()
    shared: bool = False


class Align(Record):
    """How values are brought to a cell's width and resolution.

    `native`: the operation of an edge does it by itself; only an identity is replaced, and a read without an operation.
    """

    where: Literal["ports", "reads", "edges"]
    when: Literal["always", "needed"]
    step: Step
    native: bool = False


class Out(Record):
    """`members` joined by `merge`, or one value, or (`pyramid`) one value for each level.

    Without a merge the value is the last of `members` that is there: an array of open length has its last element.
    """

    members: Unread | tuple[int, ...]
    merge: Step | None
    pyramid: bool
    span: Span


class Graph(Record):
    """One cell or motif with its own decisions. `values` names every position: `prev1`, `p[3]`, `n[0]`."""

    key: str
    kind: Literal["cell", "motif"]
    ports: tuple[Port, ...]
    parameters: NamedNumbers
    aligns: tuple[Align, ...]
    nodes: tuple[Node, ...]
    out: Out
    values: tuple[str, ...]
    span: Span
    requires: tuple[Test, ...] = ()
    # Whether nodes have their widths from those who read them.
    shares: bool = False

    @property
    def fed(self) -> int:
        """How many values a use reads: a state is not among them."""
        return sum(not port.state for port in self.ports)

    @property
    def inputs(self) -> int:
        """How many of the positions are ports."""
        return len(self.values) - len(self.nodes)

    @property
    def sets_width(self) -> bool:
        """Whether it can be told a width to deliver: not where all in it keeps its width, as scalar functions do."""
        steps = [step for node in self.nodes for step in (*(op for r in node.reads for op in r.ops), node.then)]
        joins = [merge for merge in (*(node.merge for node in self.nodes), self.out.merge) if merge is not None]
        return (
            bool(self.aligns)
            or any(port.state for port in self.ports)
            or any(node.free or node.shared or node.width is not None for node in self.nodes)
            or any(step is not None and step.sets_width for step in steps)
            or any(map(_concatenates, joins))
        )


def _concatenates(merge: Step) -> bool:
    if isinstance(merge, Switch):
        return any(map(_concatenates, merge.alternatives))
    return isinstance(merge, Apply) and merge.primitive == "concat"


class NetStep(Record):
    """A step of the skeleton that delivers one value to the window, where all of `under` hold (outermost first).

    The step of the role `tap` is a `Tap`, and delivers none.
    """

    role: Literal["stem", "step", "head", "tap"]
    step: Step
    path: str
    stage: str | None = None
    width: Number | None = None
    stride: Number = Const(1)
    under: tuple[Within, ...] = ()


class Net(Record):
    name: str
    input: Apply
    steps: tuple[NetStep, ...]
    span: Span


class Hyper(Record):
    """A number handed to the evaluator: part of every genotype and of no network."""

    name: str
    value: Number
    span: Span


class Skeleton(Record):
    """The root (a net, or the key of a graph where the file has no net) and every graph it can reach.

    `reduction` is the alignment at a stride: one block that halves the resolution and sets the width.
    """

    root: Net | str
    graphs: Mapping[str, Graph]
    reduction: Step
    requires: tuple[Test, ...] = ()
    # What is handed to the evaluator, by name.
    hypers: tuple[Hyper, ...] = ()


def symbols(part: object) -> Iterator[str]:
    """The names of what is known only at a use, in all that a part holds, in the order in which they stand."""
    ahead, met = [part], set()
    while ahead:
        each = ahead.pop()
        if isinstance(each, Symbol):
            yield each.name
        elif isinstance(each, tuple):
            ahead += reversed(each)
        elif isinstance(each, Record) and id(each) not in met:
            met.add(id(each))
            ahead += [getattr(each, name) for name in reversed(each.told)]
