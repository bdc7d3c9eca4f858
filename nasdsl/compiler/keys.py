"""When two genotypes are the same network (law 7 of the language): the keys `exact` and `isomorphic`.

Both are read from the resolved network, and both are digests of a canonical form: equal where the forms are equal.

- `exact`: the same function with the same trainable parameters up to renaming. What does not tell apart is taken out
  first: absent and dead parts, identities that keep the shape, nested sums, the order of commutative merges, and
  repeated operations without parameters.
- `isomorphic`: the live networks are isomorphic as labelled graphs, the inputs of a concat taken as a multiset
  (NAS-Bench-101, Ying et al., 2019, section 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from struct import pack
from typing import NamedTuple

from nasdsl.compiler.canonical import Form, Vertex, form
from nasdsl.compiler.frame import Binding
from nasdsl.compiler.resolved import resolved
from nasdsl.compiler.rows import Label, Resolved, Row
from nasdsl.ops.primitive import Shape
from nasdsl.space.genotype import Genotype

DEAD = "0" * 32
LOOP = Label("loop", b"loop of a state!", Shape(0))


def exact(genotype: Genotype, binding: Binding | None = None) -> str:
    """32 hexadecimal digits; one fixed key for every dead network. NasdslError where shapes do not fit."""
    return exact_of(resolved(genotype, binding))


def isomorphic(genotype: Genotype, binding: Binding | None = None) -> str:
    """The same for graphs: equal where the live labelled graphs are isomorphic."""
    return isomorphic_of(resolved(genotype, binding))


def exact_of(network: Resolved) -> str:
    """The key `exact` of a resolved network."""
    return DEAD if network.dead else _key(reduced(network))


def isomorphic_of(network: Resolved) -> str:
    """The key `isomorphic` of a resolved network."""
    return DEAD if network.dead else _key(live_graph(network))


class Graph(NamedTuple):
    """What a key describes. `marks` say which vertex is an input or an output, `rows` which row each stands for."""

    vertices: list[Vertex]
    labels: list[Label]
    marks: list[tuple[int, int]]
    rows: list[int]


def canonical(graph: Graph) -> Form:
    return form(graph.vertices, graph.marks)


def _key(graph: Graph) -> str:
    made = canonical(graph)
    # Labels by their whole digests: in the form they are shorter numbers.
    told = [graph.labels[v].digest for v in made.order]
    numbers = [len(told)]
    for _, reads in made.lines[: len(told)]:
        numbers.append(len(reads))
        numbers += reads
    for place, (mark,) in made.lines[len(told) :]:
        numbers += (place, mark)
    told.append(pack(f"<{len(numbers)}I", *numbers))
    return blake2b(b"".join(told), digest_size=16).hexdigest()


def live_graph(network: Resolved) -> Graph:
    """The live rows as they are, the inputs of a concat without order."""
    live = network.live()
    place = {row: i for i, row in enumerate(live)}
    vertices, labels = [], []
    for row in live:
        label, reads = network.rows[row]
        ordered = not (label.commutes or label.name.startswith("concat"))
        vertices.append(Vertex(label.colour, tuple([place[r] for r in reads]), ordered))
        labels.append(label)
    loops = [(place[state], place[out]) for state, out in network.feedback if state in place]
    return _looped(Graph(vertices, labels, _marks(network, place), live), loops)


def reduced(network: Resolved) -> Graph:
    """The live rows without what does not tell networks apart."""
    rows, live = network.rows, network.live()
    stands: dict[int, int] = {}
    kept: list[Row] = []
    origins: list[int] = []
    same: dict[tuple[int, tuple[int, ...]], int] = {}
    readers = _readings(network, live)
    alone: dict[int, int] = {}
    apart = False
    for row in live:
        label, own = rows[row]
        if label.name == "identity":
            stands[row] = stands[own[0]]
            # Who reads an identity reads what it stands for.
            alone[stands[row]] = alone.get(stands[row], 0) + readers[row] - 1
            continue
        reads = tuple([stands[r] for r in own])
        if label.name == "add":
            terms = tuple([t for s in reads for t in _terms(s, kept, alone)])
            apart = apart or terms != reads
            reads = terms
        # A state is of one loop, and an input is itself, whatever others look like.
        if not label.params and own:
            alike = (label.colour, tuple(sorted(reads)) if label.commutes else reads)
            first = same.setdefault(alike, len(kept))
            if first < len(kept):
                stands[row] = first
                alone[first] += readers[row]
                continue
        stands[row] = len(kept)
        alone[len(kept)] = readers[row]
        kept.append(Row(label, reads))
        origins.append(row)
    marks = _marks(network, stands)
    loops = [(stands[state], stands[out]) for state, out in network.feedback if state in stands]
    if apart or loops:
        return _connected(kept, origins, marks, loops)
    vertices = [Vertex(label.colour, reads, not label.commutes) for label, reads in kept]
    return Graph(vertices, [label for label, _ in kept], marks, origins)


def _readings(network: Resolved, live: Sequence[int]) -> list[int]:
    """How often each row is read, by others or from outside."""
    found = [0] * len(network.rows)
    for row in live:
        for r in network.rows[row].reads:
            found[r] += 1
    for _, row in (*network.outputs, *network.feedback):
        found[row] += 1
    return found


def _terms(source: int, kept: list[Row], alone: dict[int, int]) -> tuple[int, ...]:
    """The terms a sum contributes to the sum that is its only reader."""
    label, reads = kept[source]
    return reads if label.name == "add" and alone[source] == 1 else (source,)


def _connected(
    kept: Sequence[Row], origins: Sequence[int], marks: list[tuple[int, int]], loops: Sequence[tuple[int, int]]
) -> Graph:
    """Without the rows that sums took apart."""
    needed = bytearray(len(kept))
    for v in (*(v for v, _ in marks), *(v for loop in loops for v in loop)):
        needed[v] = 1
    for v in range(len(kept) - 1, -1, -1):
        if needed[v]:
            for r in kept[v].reads:
                needed[r] = 1
    place: dict[int, int] = {}
    for v, there in enumerate(needed):
        if there:
            place[v] = len(place)
    vertices = [
        Vertex(kept[v].label.colour, tuple([place[r] for r in kept[v].reads]), not kept[v].label.commutes)
        for v in place
    ]
    labels, rows = [kept[v].label for v in place], [origins[v] for v in place]
    graph = Graph(vertices, labels, [(place[v], mark) for v, mark in marks], rows)
    return _looped(graph, [(place[state], place[out]) for state, out in loops])


def _marks(network: Resolved, place: Mapping[int, int]) -> list[tuple[int, int]]:
    """Inputs are numbered from 1 up, and outputs by their level."""
    marks = [(place[row], i + 1) for i, row in enumerate(network.inputs)]
    return marks + [(place[row], (1 << 20) + (-1 if level is None else level)) for level, row in network.outputs]


def _looped(graph: Graph, loops: Iterable[tuple[int, int]]) -> Graph:
    """With a vertex for each loop that reads the state and what it is fed with."""
    ends = list(loops)
    vertices = [*graph.vertices, *(Vertex(LOOP.colour, end, True) for end in ends)]
    return graph._replace(vertices=vertices, labels=[*graph.labels, *(LOOP for _ in ends)])
