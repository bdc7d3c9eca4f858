"""When two genotypes are the same network: the `exact` key (law 7 of the language).

Equal keys mean the same function with the same trainable parameters up to renaming, because the key is the digest of a
full description of the live network. What does not tell apart is taken out first: absent and dead parts, identities
that keep the shape, nested sums, the order of commutative merges, and repeated operations without parameters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from hashlib import blake2b

from nasdsl.compiler.network import Network
from nasdsl.ops.registry import get

# How many equal vertices are told apart one at a time.
MOST_TURNS = 24


@dataclass(frozen=True, slots=True)
class Vertex:
    """One operation of the reduced network; `reads` holds other vertices, in order or as a multiset."""

    label: str
    reads: tuple[int, ...]
    ordered: bool
    trainable: bool


def exact(network: Network) -> str:
    """The key of the live network: 32 hexadecimal digits; one fixed key for every dead network."""
    if network.dead:
        return _digest("dead").hex()
    vertices, outputs, feedback = reduced(network)
    order = _canonical_order(vertices, [*outputs, *((None, out) for _, out in feedback)])
    position = {v: i for i, v in enumerate(order)}
    lines = []
    for v in order:
        vertex = vertices[v]
        reads = [position[r] for r in vertex.reads]
        lines.append((vertex.label, tuple(reads if vertex.ordered else sorted(reads))))
    told: list[object] = [lines, [(level, position[v]) for level, v in outputs]]
    if feedback:
        told.append(sorted((position[state], position[out]) for state, out in feedback))
    return _digest(repr(tuple(told))).hex()


Ends = list[tuple[int | None, int]]


def reduced(network: Network) -> tuple[dict[int, Vertex], Ends, list[tuple[int, int]]]:
    """The live network without what does not tell networks apart, its outputs, and which value feeds which state."""
    stands: dict[int, int] = {}
    vertices: dict[int, Vertex] = {}
    same: dict[tuple[str, tuple[int, ...]], int] = {}
    readers = Counter(i for p in network.live for i in network.ops[p].inputs)
    readers.update(position for _, position in network.outputs)
    readers.update(out for state, out in network.feedback if state in network.live)
    for p in sorted(network.live):
        op = network.ops[p]
        reads = tuple(stands[i] for i in op.inputs)
        if op.name == "identity":
            stands[p] = reads[0]
            continue
        primitive = get(op.name)
        if op.name == "add":
            reads = tuple(t for i, r in zip(op.inputs, reads, strict=True) for t in _terms(i, r, vertices, readers))
        # The level of a value is a name for its resolution, not part of its function.
        args = sorted((k, v) for k, v in op.args if k != "level")
        position = network.inputs.index(p) if p in network.inputs else None
        vertex = Vertex(repr((op.name, args, str(op.shape), position)), reads, not primitive.commutes, op.params > 0)
        alike = (vertex.label, reads if vertex.ordered else tuple(sorted(reads)))
        # A state is of one loop, whatever others look like.
        if not vertex.trainable and op.name != "state" and alike in same:
            stands[p] = same[alike]
            continue
        same.setdefault(alike, p)
        stands[p] = p
        vertices[p] = vertex
    outputs = [(level, stands[position]) for level, position in network.outputs]
    feedback = [(stands[state], stands[out]) for state, out in network.feedback if state in network.live]
    return _reachable(vertices, [v for _, v in (*outputs, *feedback)]), outputs, feedback


def _terms(source: int, stand: int, vertices: dict[int, Vertex], readers: Counter[int]) -> tuple[int, ...]:
    """The terms a sum contributes to the sum that is its only reader."""
    vertex = vertices[stand]
    nested = vertex.label.startswith("('add'") and readers[source] == 1 and readers[stand] == 1
    return vertex.reads if nested else (stand,)


def _reachable(vertices: dict[int, Vertex], outputs: list[int]) -> dict[int, Vertex]:
    kept = set(outputs)
    for v in sorted(vertices, reverse=True):
        if v in kept:
            kept.update(vertices[v].reads)
    return {v: vertex for v, vertex in vertices.items() if v in kept}


def _canonical_order(vertices: dict[int, Vertex], outputs: Ends) -> list[int]:
    """Vertices sorted by what lies below and above them; equal ones are told apart one at a time.

    Where equal vertices are not interchangeable the order may depend on the input, and two equal networks may get two
    keys: a duplicate missed, never two networks joined.
    """
    marked = dict(vertices)
    turns = 0
    while True:
        colours = _colours(marked, outputs)
        classes: dict[bytes, list[int]] = defaultdict(list)
        for v, colour in colours.items():
            classes[colour].append(v)
        tied = sorted(c for c, members in classes.items() if len(members) > 1)
        if not tied:
            return sorted(colours, key=lambda v: colours[v])
        first = min(classes[tied[0]])
        marked[first] = replace(marked[first], label=marked[first].label + " first")
        turns += 1
        if turns == MOST_TURNS:
            # So many are copies of each other, with which it makes no difference.
            for i, v in enumerate(v for c in tied for v in sorted(classes[c])):
                marked[v] = replace(marked[v], label=f"{marked[v].label} {i}")


def _colours(vertices: dict[int, Vertex], outputs: Ends) -> dict[int, bytes]:
    below: dict[int, bytes] = {}
    for v in sorted(vertices):
        vertex = vertices[v]
        reads = [below[r] for r in vertex.reads]
        below[v] = _digest(vertex.label, *(reads if vertex.ordered else sorted(reads)))
    above: dict[int, list[bytes]] = defaultdict(list)
    for i, (_, v) in enumerate(outputs):
        above[v].append(b"out%d" % i)
    colours: dict[int, bytes] = {}
    for v in sorted(vertices, reverse=True):
        vertex = vertices[v]
        colours[v] = _digest(below[v].hex(), *sorted(above[v]))
        for port, r in enumerate(vertex.reads):
            above[r].append(colours[v] + (b"%d" % port if vertex.ordered else b""))
    return colours


def _digest(text: str, *parts: bytes) -> bytes:
    made = blake2b(text.encode(), digest_size=16)
    for part in parts:
        made.update(b"|%d|" % len(part))
        made.update(part)
    return made.digest()
