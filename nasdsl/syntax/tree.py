"""The syntax tree: frozen declarations, clauses, steps and expressions, each with its span.

The tree says what was written and nothing else: names are not resolved, numbers are not evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from nasdsl.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Tree:
    """Anything written. Spans do not take part in equality: two trees are equal when they say the same."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Identifier(Tree):
    text: str


# ---- expressions -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Tree):
    """`3`, `0.25`, `-1`, `600M` (the suffixes K, M, G are powers of 1000)."""

    value: int | float


@dataclass(frozen=True, slots=True)
class String(Tree):
    value: str


@dataclass(frozen=True, slots=True)
class Ref(Tree):
    name: str


@dataclass(frozen=True, slots=True)
class Arg(Tree):
    """`k = 3` in a call; a positional argument has no name."""

    name: Identifier | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Tree):
    name: Identifier
    args: tuple[Arg, ...]


@dataclass(frozen=True, slots=True)
class Index(Tree):
    """`p[3]`: an element of an array or of a pyramid port."""

    name: Identifier
    index: Expr


@dataclass(frozen=True, slots=True)
class Attribute(Tree):
    """`a.width`."""

    name: Identifier
    attribute: Identifier


@dataclass(frozen=True, slots=True)
class Range(Tree):
    """`3..7`, `8..64 step 8`, `0..`; both ends belong to it."""

    start: Expr
    stop: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True)
class Spread(Tree):
    """`*small` inside a list."""

    name: Identifier


@dataclass(frozen=True, slots=True)
class List(Tree):
    items: tuple[Expr | Spread, ...]


@dataclass(frozen=True, slots=True)
class Binary(Tree):
    op: Literal["+", "-", "*", "//"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Choice(Tree):
    """`a | b | c`, written in place."""

    alternatives: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Weighted(Tree):
    """`op @ 2`."""

    value: Expr
    weight: Expr


@dataclass(frozen=True, slots=True)
class OneOf(Tree):
    members: Expr


@dataclass(frozen=True, slots=True)
class Pick(Tree):
    """`pick 2 of S`, `... with repeats`, `... in order`; `count` is a Number, a Ref or a Range."""

    count: Expr
    members: Expr
    mode: Literal["set", "repeats", "order"]


@dataclass(frozen=True, slots=True)
class SomeOf(Tree):
    members: Expr


@dataclass(frozen=True, slots=True)
class AllOf(Tree):
    members: Expr


@dataclass(frozen=True, slots=True)
class OrderOf(Tree):
    members: Expr


@dataclass(frozen=True, slots=True)
class EachOf(Tree):
    members: Expr


@dataclass(frozen=True, slots=True)
class Except(Tree):
    members: Expr
    removed: Expr


@dataclass(frozen=True, slots=True)
class Last(Tree):
    """`last 5 of S`."""

    count: Expr
    members: Expr


@dataclass(frozen=True, slots=True)
class Fresh(Tree):
    value: Ref | Call


Expr = (
    Number | String | Ref | Call | Index | Attribute | Range | List | Binary | Choice | Weighted
    | OneOf | Pick | SomeOf | AllOf | OrderOf | EachOf | Except | Last | Fresh
)  # fmt: skip


# ---- chains ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chain(Tree):
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Repeat(Tree):
    count: Expr
    body: Chain


@dataclass(frozen=True, slots=True)
class Branch(Tree):
    merge: Expr
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Shortcut(Tree):
    body: Chain


@dataclass(frozen=True, slots=True)
class Labelled(Tree):
    """`b: step`; the label names the step in paths."""

    name: Identifier
    step: Step


@dataclass(frozen=True, slots=True)
class Let(Tree):
    name: Identifier
    value: Expr


@dataclass(frozen=True, slots=True)
class Tap(Tree):
    name: Identifier
    value: Expr


@dataclass(frozen=True, slots=True)
class Stage(Tree):
    name: Identifier | None
    args: tuple[Arg, ...]
    body: Chain


@dataclass(frozen=True, slots=True)
class Input(Tree):
    name: Identifier | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Stem(Tree):
    value: Expr


@dataclass(frozen=True, slots=True)
class Head(Tree):
    value: Expr


Step = Repeat | Branch | Shortcut | Labelled | Let | Tap | Expr
Part = Input | Stem | Stage | Head | Step


# ---- graphs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Port(Tree):
    """`x`, or a pyramid `p[3..7]`; `state h` is fed by the cell's own `out`."""

    name: Identifier
    levels: Expr | None = None
    state: bool = False


@dataclass(frozen=True, slots=True)
class Parameter(Tree):
    """`k = 3` in a header; in the header of a block a bare name is a parameter without a default."""

    name: Identifier
    default: Expr | None


ClauseKind = Literal["from", "op", "merge", "absorb", "then", "level", "width"]


@dataclass(frozen=True, slots=True)
class Clause(Tree):
    """A clause of a node; `from` and `op` may hold several expressions, the others one."""

    kind: ClauseKind
    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Compare(Tree):
    op: Literal["<=", ">=", "==", "!=", "<", ">"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Require(Tree):
    """Comparisons joined by `and`."""

    tests: tuple[Compare, ...]


@dataclass(frozen=True, slots=True)
class Node(Tree):
    name: Identifier
    count: Expr | None
    clauses: tuple[Clause | Let | Require, ...]


@dataclass(frozen=True, slots=True)
class Align(Tree):
    where: Literal["ports", "reads", "edges"]
    when: Literal["always", "needed"]
    value: Expr


@dataclass(frozen=True, slots=True)
class Out(Tree):
    """`out last(n)`, `out concat(unused(b))`, `out o by level`."""

    value: Expr
    by: Identifier | None


Statement = Node | Let | Out | Align | Require


# ---- declarations ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use(Tree):
    module: str
    names: tuple[Identifier, ...] | None


@dataclass(frozen=True, slots=True)
class Param(Tree):
    name: Identifier
    value: Expr


@dataclass(frozen=True, slots=True)
class Hyper(Tree):
    name: Identifier
    value: Expr


@dataclass(frozen=True, slots=True)
class Ops(Tree):
    name: Identifier
    value: Expr


@dataclass(frozen=True, slots=True)
class Graph(Tree):
    """`cell f(a, b, k = 3) { }` or `motif m[6](x) { }`."""

    kind: Literal["cell", "motif"]
    name: Identifier
    count: Expr | None
    ports: tuple[Port, ...]
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Alias(Tree):
    """`cell reduce = fresh normal(stride = 2)`."""

    kind: Literal["cell", "motif"]
    name: Identifier
    value: Fresh | Call | Index


@dataclass(frozen=True, slots=True)
class Block(Tree):
    name: Identifier
    parameters: tuple[Parameter, ...]
    body: Chain


@dataclass(frozen=True, slots=True)
class Net(Tree):
    name: Identifier | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PathPart(Tree):
    """One piece of a path: a name, or an index in brackets (`value` None stands for `[*]`)."""

    name: str | None
    value: int | Range | None = None


@dataclass(frozen=True, slots=True)
class Assign(Tree):
    """`imagenet.s1.b[2].k = 5`."""

    path: tuple[PathPart, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Point(Tree):
    """`normal.n[0] { from prev2, prev1; op sep_conv(3), identity }`."""

    path: tuple[PathPart, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class GenotypeBlock(Tree):
    name: Identifier
    of: Identifier | None
    args: tuple[Arg, ...]
    fixes: tuple[Assign | Point, ...]


Item = Use | Param | Hyper | Let | Ops | Graph | Alias | Block | Net | Require | GenotypeBlock


@dataclass(frozen=True, slots=True)
class File(Tree):
    source: SourceFile = field(compare=False, repr=False)
    items: tuple[Item, ...]
