"""Fewer lines for "any earlier value": targets that may read the same sources share a junction.

A junction stands for a set of sources. Where one set holds another, its junction takes the other's and the rest, so
nodes that each read any of the earlier ones need one more junction each, not a line to every earlier one. Nothing is
lost: a source leads to exactly the targets it led to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nasdsl.draw.read import Link

LEAST = 3  # sources a set must have to be worth a junction


@dataclass(frozen=True, slots=True)
class Junction:
    """A set of sources: those of the junction `within` (its number, if any), and `sources`. Read by `targets`."""

    within: int | None
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    everything: tuple[str, ...]


def junctions(links: Sequence[Link]) -> tuple[tuple[Junction, ...], tuple[Link, ...]]:
    """The junctions, smaller sets first, and the links they do not stand for."""
    reads: dict[str, list[str]] = {}
    for link in links:
        if link.open:
            reads.setdefault(link.target, []).append(link.source)
    readers: dict[frozenset[str], list[str]] = {}
    for target, sources in reads.items():
        readers.setdefault(frozenset(sources), []).append(target)
    sets = sorted((s for s in readers if len(s) >= LEAST or (len(s) > 1 and len(readers[s]) > 1)), key=len)
    made: list[Junction] = []
    known: list[frozenset[str]] = []
    for found in sets:
        within = max((i for i, k in enumerate(known) if k < found), key=lambda i: len(known[i]), default=None)
        inner = known[within] if within is not None else frozenset()
        order = tuple(dict.fromkeys(reads[readers[found][0]]))
        rest = tuple(source for source in order if source not in inner)
        made.append(Junction(within, rest, tuple(readers[found]), order))
        known.append(found)
    gathered = {target for junction in made for target in junction.targets}
    return tuple(made), tuple(link for link in links if not (link.open and link.target in gathered))
