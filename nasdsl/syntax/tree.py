"""The syntax tree: frozen declarations, clauses, steps and expressions, each with its span.

The tree says what was written and nothing else: names are not resolved, numbers are not evaluated.
"""

from __future__ import annotations

from typing import Literal

from nasdsl.record import Record
from nasdsl.source import SourceFile, Span


class Tree(Record):
    """Anything written. Spans do not take part in equality: two trees are equal when they say the same."""

    span: Span


class Identifier(Tree):
    text: str


# ---- expressions -------------------------------------------------------------------------------


class Number(Tree):
    """`3`, `0.25`, `-1`, `600M` (the suffixes K, M, G are powers of 1000)."""

    value: int | float


class String(Tree):
    value: str


class Ref(Tree):
    name: str


class Arg(Tree):
    """`k = 3` in a call; a positional argument has no name."""

    name: Identifier | None
    value: Expr


class Call(Tree):
    name: Identifier
    args: tuple[Arg, ...]


class Index(Tree):
    """`p[3]`: an element of an array or of a pyramid port."""

    name: Identifier
    index: Expr


class Attribute(Tree):
    """`a.width`."""

    name: Identifier
    attribute: Identifier


class Range(Tree):
    """`3..7`, `8..64 step 8`, `0..`; both ends belong to it."""

    start: Expr
    stop: Expr | None
    step: Expr | None


class Spread(Tree):
    """`*small` inside a list."""

    name: Identifier


class List(Tree):
    items: tuple[Expr | Spread, ...]


class Binary(Tree):
    op: Literal["+", "-", "*", "//"]
    left: Expr
    right: Expr


class Choice(Tree):
    """`a | b | c`, written in place."""

    alternatives: tuple[Expr, ...]


class Weighted(Tree):
    """`op @ 2`."""

    value: Expr
    weight: Expr


class OneOf(Tree):
    members: Expr


class Pick(Tree):
    """`pick 2 of S`, `... with repeats`, `... in order`; `count` is a Number, a Ref or a Range."""

    count: Expr
    members: Expr
    mode: Literal["set", "repeats", "order"]


class SomeOf(Tree):
    members: Expr


class AllOf(Tree):
    members: Expr


class OrderOf(Tree):
    members: Expr


class EachOf(Tree):
    members: Expr


class Except(Tree):
    members: Expr
    removed: Expr


class Last(Tree):
    """`last 5 of S`."""

    count: Expr
    members: Expr


class Fresh(Tree):
    value: Ref | Call


Expr = (
    Number | String | Ref | Call | Index | Attribute | Range | List | Binary | Choice | Weighted
    | OneOf | Pick | SomeOf | AllOf | OrderOf | EachOf | Except | Last | Fresh
)  # fmt: skip


# ---- chains ------------------------------------------------------------------------------------


class Chain(Tree):
    steps: tuple[Step, ...]


class Repeat(Tree):
    count: Expr
    body: Chain


class Branch(Tree):
    merge: Expr
    chains: tuple[Chain, ...]


class Shortcut(Tree):
    body: Chain


class Labelled(Tree):
    """`b: step`; the label names the step in paths."""

    name: Identifier
    step: Step


class Let(Tree):
    name: Identifier
    value: Expr


class Tap(Tree):
    name: Identifier
    value: Expr


class Stage(Tree):
    name: Identifier | None
    args: tuple[Arg, ...]
    body: Chain


class Input(Tree):
    name: Identifier | None
    value: Expr


class Stem(Tree):
    value: Expr


class Head(Tree):
    value: Expr


Step = Repeat | Branch | Shortcut | Labelled | Let | Tap | Expr
Part = Input | Stem | Stage | Head | Step


# ---- graphs ------------------------------------------------------------------------------------


class Port(Tree):
    """`x`, or a pyramid `p[3..7]`; `state h` is fed by the cell's own `out`."""

    name: Identifier
    levels: Expr | None = None
    state: bool = False


class Parameter(Tree):
    """`k = 3` in a header; in the header of a block a bare name is a parameter without a default."""

    name: Identifier
    default: Expr | None


ClauseKind = Literal["from", "op", "merge", "absorb", "then", "level", "width"]


class Clause(Tree):
    """A clause of a node; `from` and `op` may hold several expressions, the others one."""

    kind: ClauseKind
    values: tuple[Expr, ...]


class Compare(Tree):
    op: Literal["<=", ">=", "==", "!=", "<", ">"]
    left: Expr
    right: Expr


class Require(Tree):
    """Comparisons joined by `and`."""

    tests: tuple[Compare, ...]


class Node(Tree):
    name: Identifier
    count: Expr | None
    clauses: tuple[Clause | Let | Require, ...]


class Align(Tree):
    where: Literal["ports", "reads", "edges"]
    when: Literal["always", "needed"]
    value: Expr


class Out(Tree):
    """`out last(n)`, `out concat(unused(b))`, `out o by level`."""

    value: Expr
    by: Identifier | None


Statement = Node | Let | Out | Align | Require


# ---- declarations ------------------------------------------------------------------------------


class Use(Tree):
    """`use vision (conv)`, or `use "blocks/common.nas" (stack)`: then `path` is set, and `module` is its text."""

    module: str
    names: tuple[Identifier, ...] | None
    path: String | None = None


class Param(Tree):
    name: Identifier
    value: Expr


class Hyper(Tree):
    name: Identifier
    value: Expr


class Ops(Tree):
    name: Identifier
    value: Expr


class Graph(Tree):
    """`cell f(a, b, k = 3) { }` or `motif m[6](x) { }`."""

    kind: Literal["cell", "motif"]
    name: Identifier
    count: Expr | None
    ports: tuple[Port, ...]
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]


class Alias(Tree):
    """`cell reduce = fresh normal(stride = 2)`."""

    kind: Literal["cell", "motif"]
    name: Identifier
    value: Fresh | Call | Index


class Block(Tree):
    name: Identifier
    parameters: tuple[Parameter, ...]
    body: Chain


class Net(Tree):
    name: Identifier | None
    parts: tuple[Part, ...]


class PathPart(Tree):
    """One piece of a path: a name, or an index in brackets (`value` None stands for `[*]`)."""

    name: str | None
    value: int | Range | None = None


class Assign(Tree):
    """`imagenet.s1.b[2].k = 5`."""

    path: tuple[PathPart, ...]
    value: Expr


class Point(Tree):
    """`normal.n[0] { from prev2, prev1; op sep_conv(3), identity }`."""

    path: tuple[PathPart, ...]
    clauses: tuple[Clause, ...]


class GenotypeBlock(Tree):
    name: Identifier
    of: Identifier | None
    args: tuple[Arg, ...]
    fixes: tuple[Assign | Point, ...]


Item = Use | Param | Hyper | Let | Ops | Graph | Alias | Block | Net | Require | GenotypeBlock


class File(Tree):
    source: SourceFile
    items: tuple[Item, ...]
