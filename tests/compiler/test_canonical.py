"""Canonical forms: equal exactly where labelled graphs are isomorphic, by comparison with networkx."""

from __future__ import annotations

from itertools import permutations
from random import Random

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.isomorphism import categorical_multiedge_match, categorical_node_match

from nasdsl.compiler.canonical import Vertex, automorphisms, form


@st.composite
def graphs(draw: st.DrawFn, most: int = 7) -> list[Vertex]:
    """Small graphs of few labels, so that many of their vertices look alike."""
    made: list[Vertex] = []
    for v in range(draw(st.integers(1, most))):
        reads = draw(st.lists(st.integers(0, v - 1), max_size=3)) if v else []
        made.append(Vertex(draw(st.integers(0, 1)), tuple(reads), draw(st.booleans()) if reads else False))
    return made


def shuffled(vertices: list[Vertex], rng: Random) -> list[Vertex]:
    """The same graph in another order, in which each vertex still comes after what it reads."""
    order: list[int] = []
    left = list(range(len(vertices)))
    while left:
        ready = [v for v in left if set(vertices[v].reads) <= set(order)]
        order.append(rng.choice(ready))
        left.remove(order[-1])
    place = {v: i for i, v in enumerate(order)}
    made = []
    for v in order:
        reads = [place[r] for r in vertices[v].reads]
        if not vertices[v].ordered:
            rng.shuffle(reads)
        made.append(vertices[v]._replace(reads=tuple(reads)))
    return made


def as_networkx(vertices: list[Vertex]) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for v, (label, reads, ordered) in enumerate(vertices):
        graph.add_node(v, label=(label, ordered))
        for port, r in enumerate(reads):
            graph.add_edge(r, v, port=port if ordered else -1)
    return graph


def isomorphic(one: list[Vertex], other: list[Vertex]) -> bool:
    return nx.is_isomorphic(
        as_networkx(one),
        as_networkx(other),
        node_match=categorical_node_match("label", None),
        edge_match=categorical_multiedge_match("port", None),
    )


def described(vertices: list[Vertex], p: tuple[int, ...]) -> set[object]:
    """The graph with vertex v called p[v]."""
    reads = [tuple(p[r] for r in x.reads) for x in vertices]
    told = [r if x.ordered else tuple(sorted(r)) for x, r in zip(vertices, reads, strict=True)]
    return {(p[v], x.label, x.ordered, told[v]) for v, x in enumerate(vertices)}


def normal(vertices: list[Vertex]) -> list[Vertex]:
    """Order plays no part where there are fewer than two reads, and is part of what a vertex is."""
    return [v._replace(label=2 * v.label + v.ordered) for v in vertices]


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_vertices_does_not_tell(vertices: list[Vertex], rng: Random) -> None:
    assert form(shuffled(vertices, rng)).lines == form(vertices).lines


@settings(max_examples=300)
@given(graphs(5), graphs(5))
def test_equal_forms_are_isomorphic_graphs(one: list[Vertex], other: list[Vertex]) -> None:
    one, other = normal(one), normal(other)
    assert (form(one).lines == form(other).lines) == isomorphic(one, other)


@settings(max_examples=60)
@given(graphs(5))
def test_automorphisms_are_all_of_them(vertices: list[Vertex]) -> None:
    found = set(automorphisms(vertices))
    kept = set()
    for p in permutations(range(len(vertices))):
        if described(vertices, p) == described(vertices, tuple(range(len(vertices)))):
            kept.add(p)
    assert found == kept


@given(graphs(6), st.integers(0, 5))
def test_a_mark_tells_vertices_apart(vertices: list[Vertex], at: int) -> None:
    at %= len(vertices)
    assert all(p[at] == at for p in automorphisms(vertices, [(at, 1)]))
    assert form(vertices, [(at, 1)]).lines != form(vertices, [(at, 2)]).lines


def test_many_like_parts_are_no_trouble() -> None:
    """Twenty parts, each with two sides that can change places."""
    vertices = [Vertex(0, (), False)]
    for _ in range(20):
        last = len(vertices) - 1
        vertices += [Vertex(1, (last,), True), Vertex(1, (last,), True)]
        vertices += [Vertex(2, (last + 1,), True), Vertex(2, (last + 2,), True)]
        vertices.append(Vertex(3, (last + 3, last + 4), False))
    assert form(shuffled(vertices, Random(1))).lines == form(vertices).lines
