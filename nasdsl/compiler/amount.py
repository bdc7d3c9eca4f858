"""How large the networks of a space are, before any is made: motifs of motifs multiply, and blocks nest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nasdsl.diagnostics import NasdslError, error
from nasdsl.space import skeleton as sk

MOST_OPERATIONS = 20_000
# Calls of functions inside each other that a lowering or a proof needs.
DEEPEST = 600
A_STEP, A_GRAPH = 3, 15


class Amount(NamedTuple):
    """At most so many operations, lowered by so many calls inside each other."""

    operations: int
    depth: int


def bounded(skeleton: sk.Skeleton) -> None:
    """E0240 and E0242 for a space in which one network is more than can be handled."""
    found = amount_of(skeleton)
    root = skeleton.graphs[skeleton.root] if isinstance(skeleton.root, str) else skeleton.root
    if found.operations > MOST_OPERATIONS:
        raise too_many(found.operations, root)
    if found.depth > DEEPEST:
        raise error(
            "E0242", "the parts of this are nested too deep", root.span, "blocks, choices or motifs in each other",
            helps=("break them up into fewer levels",),
        )  # fmt: skip


def too_many(operations: int, root: sk.Net | sk.Graph) -> NasdslError:
    return error(
        "E0240", f"a network has up to {operations:,} operations here, and {MOST_OPERATIONS:,} are the most", root.span,
        "the whole network", helps=("lower the counts of `repeat` and of arrays, or nest fewer motifs",),
    )  # fmt: skip


def amount_of(skeleton: sk.Skeleton) -> Amount:
    """What the largest network of a space takes, or a little more."""
    amounts = _Amounts(skeleton.graphs)
    root = skeleton.root
    return amounts.graph(root) if isinstance(root, str) else total(map(amounts.of, (s.step for s in root.steps)))


class _Amounts:
    """What stands in several places is looked at once."""

    def __init__(self, graphs: Mapping[str, sk.Graph]) -> None:
        self.graphs = graphs
        self.known: dict[int | str, Amount] = {}

    def of(self, step: sk.Step | None) -> Amount:
        if step is None:
            return Amount(0, 0)
        if id(step) not in self.known:
            operations, depth = self.taken(step)
            self.known[id(step)] = Amount(operations, depth + A_STEP)
        return self.known[id(step)]

    def taken(self, step: sk.Step) -> Amount:
        match step:
            case sk.Switch():
                return largest(map(self.of, step.alternatives))
            case sk.Parallel():
                return total(map(self.of, step.alternatives))
            case sk.Chain():
                return total(map(self.of, step.steps))
            case sk.Repeat():
                return total(map(self.of, step.bodies))
            case sk.Branch():
                return total(map(self.of, (step.merge, *step.chains)))
            case sk.Call() | sk.Shortcut():
                operations, depth = self.of(step.body)
                return Amount(operations + isinstance(step, sk.Shortcut), depth)
            case sk.Outer() | sk.Tap():
                return self.of(step.step)
            case sk.UseGraph():
                return self.graph(step.graph)
        return Amount(1, 0)

    def graph(self, key: str) -> Amount:
        if key not in self.known:
            graph = self.graphs[key]
            align = total(self.of(each.step) for each in graph.aligns)
            parts = [self.node(node, align) for node in graph.nodes]
            operations, depth = total([*parts, self.of(graph.out.merge), align])
            self.known[key] = Amount(operations + align.operations * len(graph.ports), depth + A_GRAPH)
        return self.known[key]

    def node(self, node: sk.Node, align: Amount) -> Amount:
        slots = [self.of(op) for reads in node.reads for op in reads.ops]
        operations, depth = total([*slots, self.of(node.merge), self.of(node.then)])
        return Amount(operations + align.operations * len(slots), depth)


def total(parts: Iterable[Amount]) -> Amount:
    """All of them, side by side or one behind the other."""
    found = list(parts)
    return Amount(sum(p.operations for p in found), max((p.depth for p in found), default=0))


def largest(parts: Iterable[Amount]) -> Amount:
    """One of them."""
    found = list(parts)
    return Amount(max((p.operations for p in found), default=0), max((p.depth for p in found), default=0))
