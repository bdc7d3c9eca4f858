"""A canonical form of labelled directed acyclic graphs: equal exactly where the graphs are isomorphic.

Vertices are coloured by their labels and by what lies below and above them, and colours are refined until they tell no
more apart (colour refinement). Where vertices are still alike one of them is set apart, each in turn, and the smallest
description that results is the form (McKay and Piperno, Practical graph isomorphism II, 2014, section 2). The search
tree is cut where vertices can change places: twins have the same readers and the same reads, and of other two one is
left out where setting either apart leads to the same description, which is an automorphism.

A graph that looks alike from too many sides gets the smallest description that was met: then two equal graphs may get
two forms, never two different graphs one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MASK = (1 << 64) - 1
MOST_LEAVES = 200
MOST_WORK = 200_000  # vertices coloured; also what keeps the recursion shallow
MOST_AUTOMORPHISMS = 10_000


class Vertex(NamedTuple):
    """A label as a number, what it reads, and whether the order of that plays a part."""

    label: int
    reads: tuple[int, ...]
    ordered: bool


Line = tuple[int, tuple[int, ...]]


class Form(NamedTuple):
    """The canonical description, and the vertices in its order."""

    lines: tuple[Line, ...]
    order: tuple[int, ...]


def form(vertices: Sequence[Vertex], marks: Sequence[tuple[int, int]] = ()) -> Form:
    """The canonical form; `marks` are (vertex, number) and tell vertices apart that have a meaning outside, as outputs.

    A vertex reads vertices before it.
    """
    readers = _readers(vertices)
    colours = _below_and_above(vertices, readers, marks)
    if len(set(colours)) == len(colours):
        return described(vertices, marks, colours)
    return _Search(vertices, readers, marks).best(colours)


def described(vertices: Sequence[Vertex], marks: Sequence[tuple[int, int]], colours: Sequence[int]) -> Form:
    """The description of vertices in the order of their colours; of those still alike, in the order of the graph."""
    order = sorted(range(len(colours)), key=colours.__getitem__)
    place = [0] * len(order)
    for i, v in enumerate(order):
        place[v] = i
    lines: list[Line] = []
    for v in order:
        label, reads, ordered = vertices[v]
        told = [place[r] for r in reads]
        if not ordered:
            told.sort()
        lines.append((label, tuple(told)))
    for v, mark in marks:
        lines.append((place[v], (mark,)))
    return Form(tuple(lines), tuple(order))


def _readers(vertices: Sequence[Vertex]) -> list[list[tuple[int, int]]]:
    """For each vertex those that read it, with the port, or 0 where ports are alike."""
    readers: list[list[tuple[int, int]]] = [[] for _ in vertices]
    for v, (_, reads, ordered) in enumerate(vertices):
        for port, r in enumerate(reads):
            readers[r].append((v, port + 1 if ordered else 0))
    return readers


def mixed(value: int) -> int:
    """A number of 64 bits that depends on every bit of another."""
    value = ((value ^ (value >> 31)) * 0x7FB5D329728EA185) & MASK
    return value ^ (value >> 27)


def _below_and_above(
    vertices: Sequence[Vertex], readers: Sequence[Sequence[tuple[int, int]]], marks: Sequence[tuple[int, int]]
) -> list[int]:
    """Colours by all that lies below and above, which tells most vertices of a network apart at once."""
    below: list[int] = []
    for label, reads, ordered in vertices:
        colour = label
        if not ordered:
            for r in reads:
                colour += below[r]
        elif len(reads) == 1:
            colour = colour * 3 + below[reads[0]]
        else:
            for r in reads:
                colour = mixed(colour * 3 + below[r])
        below.append(mixed(colour))
    above = [0] * len(vertices)
    for v, mark in marks:
        above[v] += mixed(mark + 0x9E3779B97F4A7C15)
    # What a vertex is for those that it reads, by all that lies around it.
    for v in range(len(vertices) - 1, -1, -1):
        colour = above[v]
        for reader, port in readers[v]:
            colour += above[reader] * (2 * port + 1)
        above[v] = mixed(colour ^ (below[v] * 5 & MASK))
    return above


class _Search:
    """The search for the smallest description."""

    def __init__(
        self, vertices: Sequence[Vertex], readers: Sequence[Sequence[tuple[int, int]]], marks: Sequence[tuple[int, int]]
    ) -> None:
        self.vertices, self.readers, self.marks = vertices, readers, marks
        self.leaves = self.work = 0

    def best(self, colours: list[int]) -> Form:
        return self.below(self.refined(colours))[0]

    def below(self, colours: list[int]) -> tuple[Form, set[tuple[Line, ...]]]:
        """The smallest description below refined colours, and those that were met."""
        tied = _tied(colours)
        if tied is None or self.work > MOST_WORK:
            made = self.leaf(colours)
            return made, {made.lines}
        first, *others = self.unlike(tied)
        best, met = self.below(self.apart(colours, first))
        for v in others:
            if self.leaves > MOST_LEAVES or self.work > MOST_WORK:
                break
            apart = self.apart(colours, v)
            if self.first(apart).lines in met:
                continue
            made, more = self.below(apart)
            met |= more
            best = min(best, made, key=lambda form: form.lines)
        return best, met

    def first(self, colours: list[int]) -> Form:
        """The description that is met first."""
        while (tied := _tied(colours)) is not None and self.work <= MOST_WORK:
            colours = self.apart(colours, tied[0])
        return self.leaf(colours)

    def apart(self, colours: list[int], v: int) -> list[int]:
        """Refined colours with one vertex set apart."""
        apart = list(colours)
        classes: dict[int, list[int]] = {}
        for u, colour in enumerate(colours):
            classes.setdefault(colour, []).append(u)
        # A colour that nobody has yet: vertices that were alike are set apart at different depths.
        alike = classes[colours[v]]
        apart[v] = mixed(apart[v] + 0x2545F4914F6CDD1D * len(classes) & MASK)
        classes[colours[v]] = [u for u in alike if u != v]
        classes[apart[v]] = [v]
        self.spread(apart, classes, [v])
        return apart

    def spread(self, colours: list[int], classes: dict[int, list[int]], changed: list[int]) -> None:
        """Refine where it is needed: around the vertices of new colours, and around those that this tells apart."""
        while changed and self.work <= MOST_WORK:
            seen: dict[int, int] = {}
            for v in changed:
                colour = colours[v]
                for reader, port in self.readers[v]:
                    seen[reader] = seen.get(reader, 0) + mixed(colour * 11 + port & MASK)
                _, reads, ordered = self.vertices[v]
                for port, r in enumerate(reads):
                    seen[r] = seen.get(r, 0) + mixed(colour * 7 + (port + 1 if ordered else 0) & MASK)
            self.work += len(seen)
            changed = []
            for colour in {colours[v] for v in seen}:
                alike = classes[colour]
                if len(alike) == 1 or len({seen.get(v, 0) for v in alike}) == 1:
                    continue
                # Those around which nothing is new keep their colour.
                classes[colour] = [v for v in alike if v not in seen]
                for v in alike:
                    if v in seen:
                        colours[v] = mixed(colour * 5 + seen[v] & MASK)
                        classes.setdefault(colours[v], []).append(v)
                        changed.append(v)

    def refined(self, colours: list[int]) -> list[int]:
        """Colours of all by the colours around them, until no more are told apart."""
        count = len(set(colours))
        while self.work <= MOST_WORK:
            self.work += len(colours)
            made = []
            for v, (_, reads, ordered) in enumerate(self.vertices):
                colour = colours[v] * 7
                if ordered:
                    for r in reads:
                        colour = mixed(colour * 3 + colours[r] & MASK)
                else:
                    colour += sum([mixed(colours[r]) for r in reads])
                colour += sum([mixed(colours[reader] * 11 + port & MASK) for reader, port in self.readers[v]])
                made.append(mixed(colour & MASK))
            now = len(set(made))
            if now <= count:
                break
            colours, count = made, now
        return colours

    def unlike(self, tied: list[int]) -> list[int]:
        """One of each set of twins."""
        kinds: dict[object, int] = {}
        for v in tied:
            label, reads, ordered = self.vertices[v]
            kinds.setdefault((label, reads if ordered else tuple(sorted(reads)), tuple(self.readers[v])), v)
        return list(kinds.values())

    def leaf(self, colours: Sequence[int]) -> Form:
        self.leaves += 1
        return described(self.vertices, self.marks, colours)


def _tied(colours: Sequence[int]) -> list[int] | None:
    """The first smallest set of vertices of one colour; None where all differ."""
    if len(set(colours)) == len(colours):
        return None
    classes: dict[int, list[int]] = {}
    for v, colour in enumerate(colours):
        classes.setdefault(colour, []).append(v)
    return min((c for c in classes.items() if len(c[1]) > 1), key=lambda c: (len(c[1]), c[0]))[1]


def automorphisms(vertices: Sequence[Vertex], marks: Sequence[tuple[int, int]] = ()) -> list[tuple[int, ...]]:
    """Every permutation of the vertices that keeps labels, reads and marks; the identity is the first.

    All of them are listed, so this is for graphs of few symmetries: ValueError beyond MOST_AUTOMORPHISMS.
    """
    readers = _readers(vertices)
    search = _Search(vertices, readers, marks)
    leaves: dict[tuple[Line, ...], list[tuple[int, ...]]] = {}
    ahead = [search.refined(_below_and_above(vertices, readers, marks))]
    while ahead:
        colours = ahead.pop()
        tied = _tied(colours)
        if tied is None:
            made = search.leaf(colours)
            leaves.setdefault(made.lines, []).append(made.order)
        else:
            ahead += [search.apart(colours, v) for v in reversed(tied)]
        if search.leaves > MOST_AUTOMORPHISMS:
            raise ValueError(f"more than {MOST_AUTOMORPHISMS:,} symmetries")
    first, *others = leaves[min(leaves)]
    place = {v: i for i, v in enumerate(first)}
    return [tuple(order[place[v]] for v in range(len(first))) for order in (first, *others)]
