"""Spaces of which every genotype is valid, as their form alone shows: there is nothing to be asked of each genotype."""

from __future__ import annotations

from collections.abc import Iterator

from nasdsl.record import Record
from nasdsl.space import skeleton as sk
from nasdsl.space.gates import Depth, Gates
from nasdsl.space.model import SearchSpace
from nasdsl.space.paths import every


def always_valid(space: SearchSpace) -> bool:
    """Whether there is no constraint and every value is there in every genotype. False where that takes more to tell.

    It does where something is `none`, a part repeats any number of times, a set may be empty, or levels are open.
    """
    known = space.memory.get("always valid")
    if known is None:
        known = space.memory["always valid"] = _always_valid(space)
    return bool(known)


def _always_valid(space: SearchSpace) -> bool:
    skeleton: sk.Skeleton = space.skeleton
    graphs = skeleton.graphs.values()
    if skeleton.requires or not all(map(_always_delivers, graphs)):
        return False
    if any(isinstance(d, Depth) or (isinstance(d, Gates) and d.least == 0) for d in every(space.entries)):
        return False
    parts = (skeleton.root, *graphs)
    return not any(isinstance(part, sk.Apply) and part.primitive == "none" for part in _parts(parts))


def _always_delivers(graph: sk.Graph) -> bool:
    free = not (graph.requires or graph.out.pyramid or any(node.requires for node in graph.nodes))
    return free and all(map(_always_reads, graph.nodes))


def _always_reads(node: sk.Node) -> bool:
    read = any(reads.members and (reads.path is None or reads.least > 0) for reads in node.reads)
    return read and node.within is None and node.level is None


def _parts(part: object) -> Iterator[Record]:
    if isinstance(part, tuple):
        for each in part:
            yield from _parts(each)
    elif isinstance(part, Record):
        yield part
        for name in part.told:
            yield from _parts(getattr(part, name))
