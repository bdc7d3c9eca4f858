"""What constraints measure, and whether a genotype meets them.

Edges, nodes, uses, steps and widths are added up by a walk over the skeleton (`tally`); the costs are those of the live
network on the net's own input; the depth of a graph is its longest path.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from nasdsl.compiler.frame import value
from nasdsl.compiler.lower import network
from nasdsl.compiler.network import Network
from nasdsl.compiler.resolved import resolved
from nasdsl.compiler.rows import Resolved
from nasdsl.compiler.tally import NOWHERE, Number, Place, Walk
from nasdsl.ops import registry
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import Fault

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
}  # fmt: skip


def every_test(skeleton: sk.Skeleton) -> Iterator[tuple[sk.Test, Place]]:
    """All constraints of a space, each with the part of it that it measures."""
    for test in skeleton.requires:
        yield test, skeleton
    for graph in skeleton.graphs.values():
        for node in graph.nodes:
            yield from ((test, node) for test in node.requires)
        yield from ((test, graph) for test in graph.requires)


def shown(test: sk.Test, place: Place) -> str:
    """The constraint in the user's words: "`edges <= 9` of `normal`"."""
    said = f"`{' '.join(test.span.text.split())}`"
    match place:
        case sk.Node():
            return f"{said} of `{place.path}`"
        case sk.Graph():
            return f"{said} of `{place.key}`"
    return said


def looked_at(part: sk.Test | sk.Number) -> Iterator[sk.Measure]:
    """The measures of a comparison, or of one side."""
    match part:
        case sk.Test() | sk.Arithmetic():
            yield from looked_at(part.left)
            yield from looked_at(part.right)
        case sk.Measure():
            yield part


def sides(test: sk.Test) -> tuple[str, str]:
    """The two sides of a comparison as they are written."""
    left, _, right = " ".join(test.span.text.split()).partition(test.op)
    return left.strip(), right.strip()


def unmet(test: sk.Test, place: Place, left: Number, right: Number) -> Fault | None:
    """What is wrong where the sides of a comparison have these values."""
    if COMPARISONS[test.op](left, right):
        return None
    values = zip(sides(test), (left, right), strict=True)
    found = ", ".join(f"{name} = {value:,}" for name, value in values if name[0] not in "-0123456789")
    return Fault(f"{shown(test, place)} does not hold", found)


def of_network(part: sk.Test | sk.Number) -> bool:
    """Whether it takes the live network to tell."""
    return any(m.name in ("params", "macs") or m.name in registry.measures() for m in looked_at(part))


class Judged:
    """One genotype and what is measured of it."""

    def __init__(self, genotype: Genotype) -> None:
        self.genotype = genotype
        self.skeleton: sk.Skeleton = genotype.space.skeleton
        self.chosen = genotype.assignment

    @cached_property
    def network(self) -> Network:
        return network(self.genotype)

    @cached_property
    def resolved(self) -> Resolved:
        return resolved(self.genotype)

    def broken(self, test: sk.Test, place: Place) -> Fault | None:
        try:
            left, right = self.number(test.left, place), self.number(test.right, place)
        except ZeroDivisionError:
            return Fault(f"{shown(test, place)} does not hold", "it divides by zero")
        return unmet(test, place, left, right)

    def holds(self, test: sk.Test, place: Place) -> bool:
        return self.broken(test, place) is None

    def number(self, number: sk.Number, place: Place) -> Number:
        match number:
            case sk.Arithmetic():
                left, right = self.number(number.left, place), self.number(number.right, place)
                ways = {"+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv}
                return ways[number.op](left, right)  # type: ignore[no-any-return]
            case sk.Measure():
                return self.measure(number, place)
        found = value(number, NOWHERE, self.chosen)
        assert isinstance(found, int | float)
        return found

    def measure(self, measure: sk.Measure, place: Place) -> Number:
        if measure.name in ("params", "macs"):
            labels = [self.resolved.rows[row].label for row in self.resolved.live()]
            return sum(each.params if measure.name == "params" else each.macs for each in labels)
        if measure.name == "depth" and isinstance(place, sk.Graph):
            return Longest(self.skeleton, self.chosen).of(place)
        if measure.name in registry.measures():
            return registry.measured(measure.name, self.network)
        walk = Walk(self.skeleton, self.chosen, {})
        walk.measure(measure, place)
        return sum(amount for _, amount in walk.found)


class Longest:
    """The longest path of edges from a port to the output of a graph, for the decisions of one genotype."""

    def __init__(self, skeleton: sk.Skeleton, chosen: Mapping[str, Any]) -> None:
        self.skeleton, self.chosen = skeleton, chosen

    def of(self, graph: sk.Graph) -> int:
        reach: list[int | None] = [0] * graph.inputs
        read: set[int] = set()
        there = set(range(graph.inputs))
        for node in graph.nodes:
            ways: list[int] = []
            if node.within is None or self.chosen[node.within.path] > node.within.index:
                there.add(len(reach))
                ways = list(self.ways(node, read, reach))
            reach.append(max(ways, default=None))
        members = graph.out.members
        if isinstance(members, sk.Unread):
            ends = [m for m in members.members if m not in read]
        elif graph.out.merge is None and not graph.out.pyramid:
            ends = [m for m in members if m in there][-1:]
        else:
            ends = list(members)
        return max((reach[m] or 0 for m in ends), default=0)

    def ways(self, node: sk.Node, read: set[int], reach: list[int | None]) -> Iterator[int]:
        """The length of each path that ends in a node."""
        for reads in node.reads:
            drawn = range(len(reads.members)) if reads.path is None else self.chosen[reads.path]
            for position, op in zip(drawn, reads.ops, strict=False):
                source = reads.members[position]
                read.add(source)
                before = reach[source]
                if before is not None and (op is None or self.passes(op)):
                    yield before + (op is not None or reads.path is not None)
        absorb, length = node.absorb, 0
        if isinstance(absorb, sk.Drawn):
            absorb, length = tuple(absorb.members[p] for p in self.chosen[absorb.path]), 1
        elif isinstance(absorb, sk.Unread):
            absorb = tuple(m for m in absorb.members if m not in read)
        for m in absorb:
            read.add(m)
            if (before := reach[m]) is not None:
                yield before + length

    def passes(self, op: sk.Step) -> bool:
        walk = Walk(self.skeleton, self.chosen, {})
        walk.paths(op)
        return bool(walk.found)
