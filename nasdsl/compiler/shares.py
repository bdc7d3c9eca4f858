"""Widths that nodes have from those who read them: `width shared` (NAS-Bench-101, Ying et al., 2019, section 2.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from nasdsl.diagnostics import NasdslError, error
from nasdsl.source import Span
from nasdsl.space import skeleton as sk

if TYPE_CHECKING:
    from nasdsl.compiler.cells import GraphLowering


class Read(NamedTuple):
    """What a node or `out` reads, by position; its width, which the values share where they join in a concat."""

    sources: Sequence[int]
    concat: bool
    width: int
    span: Span


@dataclass
class Shares:
    """Of a graph, as decided: the values that its output is made of, and how much of a shared one each reader takes.

    A reader takes as many channels as it is wide, or, where it joins values as they are in a concat, an even part of
    its width: what does not divide goes to the first of them. A shared node is as wide as the most that is taken.
    """

    live: set[int] = field(default_factory=set)
    widths: dict[int, int] = field(default_factory=dict)
    # By reader and source; the position of `out` is that behind the last node.
    takes: dict[tuple[int, int], int] = field(default_factory=dict)


def even_width(graph: sk.Graph) -> int:
    """The channels of a graph by itself: 16, or so many that any number of its nodes up to ten share them evenly."""
    count = sum(node.shared for node in graph.nodes)
    least = lcm(*range(1, min(count, 10) + 1))
    return least * -(-16 // least)


def sharing(use: GraphLowering) -> Shares:
    """The shares in a use of a graph whose ports are there: who reads whom is decided before any node is lowered.

    Raises E0401 where a concat has fewer channels than values to share them.
    """
    lowering, graph = use.lowering, use.graph
    there, seen = {i for i, wire in enumerate(use.wires) if not wire.absent}, set[int]()
    found: dict[int, Read] = {}
    for position, node in enumerate(graph.nodes, graph.inputs):
        if node.within is not None and not lowering.holds(node.within):
            continue
        reads = [(source, lowering.picked(op) if op is not None else None) for source, op in use.reads(node)]
        sources = [s for s, op in reads if not (isinstance(op, sk.Apply) and op.primitive == "none")]
        sources += _absorbed(use, node, [m for m in there if m not in seen])
        seen.update(sources, [s for s, _ in reads])
        if there.intersection(sources):
            there.add(position)
        width = use.width
        if node.width is not None:
            width = lowering.whole(node.width, use.frame(width), "the width of a node")
        concat = _is_concat(use, node.merge) and all(op is None for _, op in reads)
        found[position] = Read(sources, concat, width, node.span)
    out = graph.out
    members = out.members.members if isinstance(out.members, sk.Unread) else out.members
    if isinstance(out.members, sk.Unread):
        members = tuple(m for m in members if m not in seen)
    elif out.merge is None and not out.pyramid:
        members = tuple(m for m in members if use.there(m))[-1:]
    found[len(graph.values)] = Read(members, _is_concat(use, out.merge), use.width, out.span)
    return _shared(graph, there, found)


def _absorbed(use: GraphLowering, node: sk.Node, unread: Collection[int]) -> list[int]:
    if isinstance(node.absorb, sk.Unread):
        return [m for m in node.absorb.members if m in unread]
    if isinstance(node.absorb, sk.Drawn):
        drawn = use.lowering.chosen[node.absorb.path]
        assert isinstance(drawn, tuple)
        return [node.absorb.members[p] for p in drawn]
    return list(node.absorb)


def _is_concat(use: GraphLowering, merge: sk.Step | None) -> bool:
    made = use.lowering.picked(merge) if merge is not None else None
    return isinstance(made, sk.Apply) and made.primitive == "concat"


def _shared(graph: sk.Graph, there: Collection[int], read: Mapping[int, Read]) -> Shares:
    """One pass over the readers from `out` backwards: who reads a node stands behind it."""
    made = Shares()
    last = len(graph.values)
    for reader in range(last, graph.inputs - 1, -1):
        if reader != last and (reader not in made.live or reader not in there):
            continue
        own = read[reader]
        width = made.widths.get(reader, own.width)
        sources = [s for s in own.sources if s in there]
        parts = _parts(width, len(sources), own.span) if own.concat else [width] * len(sources)
        for source, part in zip(sources, parts, strict=True):
            made.live.add(source)
            if source >= graph.inputs and graph.nodes[source - graph.inputs].shared:
                made.takes[reader, source] = max(part, made.takes.get((reader, source), 0))
                made.widths[source] = max(part, made.widths.get(source, 0))
    return made


def _parts(width: int, count: int, span: Span) -> list[int]:
    if count > width:
        raise too_narrow(count, width, span)
    return [width // count + (i < width % count) for i in range(count)]


def too_narrow(count: int, width: int, span: Span) -> NasdslError:
    """E0401: not every value of a concat has a channel."""
    return error("E0401", f"{count} values share {width} channels", span, "fewer channels than values")
