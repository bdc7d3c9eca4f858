"""Where the decisions of a space stand in its cells: what a node reads, and what each read passes through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nasdsl.record import Record
from nasdsl.space import skeleton as sk

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace


@dataclass(frozen=True, slots=True)
class NodePlace:
    """The paths of the sets that a node reads from, and for each read those of its operation's decisions."""

    sources: tuple[str, ...]
    ops: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A cell or motif. `level` is 2 for a motif of operations and one more than that of a motif it uses.

    It is 0 for a cell that uses no motif.
    """

    level: int
    nodes: tuple[NodePlace, ...]


def cells(space: SearchSpace) -> tuple[CellPlace, ...]:
    """The cells and motifs of a space, each with its own decisions once."""
    known = space.memory.get("cells")
    if known is None:
        graphs: Mapping[str, sk.Graph] = space.skeleton.graphs if space.skeleton is not None else {}
        # Two uses of one cell may be two graphs, of one set of nodes.
        own = {tuple(node.path for node in graph.nodes): graph for graph in graphs.values()}
        levels: dict[str, int] = {}
        made = (CellPlace(_level(graph, graphs, levels), tuple(map(_node, graph.nodes))) for graph in own.values())
        known = space.memory["cells"] = tuple(made)
    return known


def _node(node: sk.Node) -> NodePlace:
    sources = [reads.path for reads in node.reads if reads.path is not None]
    if isinstance(node.absorb, sk.Drawn):
        sources.append(node.absorb.path)
    ops = (_asked(op) for reads in node.reads for op in reads.ops if op is not None)
    # What a `let` decides for several operations is of none of them.
    return NodePlace(
        tuple(sources), tuple(frozenset(path for path in paths if path.startswith(node.path + ".")) for paths in ops)
    )


def _asked(part: object) -> set[str]:
    """The paths of all decisions in a step."""
    return {path for each in _parts(part) if isinstance(path := getattr(each, "path", None), str)}


def _level(graph: sk.Graph, graphs: Mapping[str, sk.Graph], levels: dict[str, int]) -> int:
    if graph.key not in levels:
        used = {part.graph for part in _parts(graph.nodes) if isinstance(part, sk.UseGraph)}
        below = [_level(graphs[key], graphs, levels) for key in sorted(used)]
        levels[graph.key] = max([0, *below]) + 1 if any(below) else 2 * (graph.kind == "motif")
    return levels[graph.key]


def _parts(part: object) -> Iterator[Record]:
    """A part of the skeleton and all that it holds; of a graph that is used, only the use."""
    if isinstance(part, tuple):
        for each in part:
            yield from _parts(each)
    elif isinstance(part, Record):
        yield part
        for name in part.told:
            yield from _parts(getattr(part, name))
