"""How many different networks a space holds: the classes of its valid genotypes under `exact` or `isomorphic`.

A small space is gone through genotype by genotype. A cell by itself may be far larger: there the decisions that only
name the operation of a vertex are set aside. The wirings that are left are told apart by what is live of them, all at
once as arrays; one of each is lowered and brought to its canonical form with its operations unnamed; and the ways to
name them are counted up to the symmetries of the form (Burnside's lemma: the number of orbits is the mean number of
namings that a symmetry leaves as they are).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Literal

from nasdsl.compiler.canonical import Vertex, automorphisms, form
from nasdsl.compiler.keys import DEAD, exact_of, isomorphic_of, live_graph
from nasdsl.compiler.measures import every_test
from nasdsl.compiler.resolved import resolved
from nasdsl.compiler.rows import Resolved
from nasdsl.compiler.sums import Folding, meets
from nasdsl.compiler.tally import UndecidedError
from nasdsl.diagnostics import NasdslError, error
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.genotype import Genotype
from nasdsl.space.group import Decision
from nasdsl.space.model import SearchSpace

if TYPE_CHECKING:
    from numpy import ndarray

MOST_GENOTYPES = 1_000_000
MOST_WIRINGS = 1 << 24
How = Literal["exact", "isomorphic"]
Told = Callable[[int, int], None]  # how many of how many are done


@dataclass(frozen=True, slots=True)
class Census:
    """The number of classes of valid genotypes. The dead ones, which are no network, are none of them."""

    classes: int
    how: How
    genotypes: int


def census(space: SearchSpace, how: How = "exact", told: Told = lambda done, total: None) -> Census:
    """Count the classes of a space.

    Raises E0540 where there are more than MOST_GENOTYPES genotypes, and they are not those of one cell whose wirings
    can be told apart from its operations.
    """
    if space.size <= MOST_GENOTYPES:
        return Census(_one_by_one(space, how, told), how, space.size)
    try:
        if how == "exact":
            raise UnsuitedError("only `isomorphic` classes of one cell are counted without going through them")
        return Census(Wirings(space).classes(told), how, space.size)
    except UnsuitedError as reason:
        raise _refused(space, str(reason)) from None


def _one_by_one(space: SearchSpace, how: How, told: Told) -> int:
    key = exact_of if how == "exact" else isomorphic_of
    found: set[str] = set()
    for rank in range(space.size):
        told(rank, space.size)
        genotype = space[rank]
        if space.valid(genotype):
            found.add(key(resolved(genotype)))
    told(space.size, space.size)
    return len(found - {DEAD})


def _refused(space: SearchSpace, why: str) -> NasdslError:
    return error(
        "E0540", f"`{space.name}` has {space.size:,} genotypes, too many to go through one by one",
        notes=(why, f"up to {MOST_GENOTYPES:,} are gone through"),
        helps=("narrow it: --restrict 'PATH = A | B', or a smaller `param`: -p N=2",),
    )  # fmt: skip


class UnsuitedError(Exception):
    """Why the wirings of a space cannot be told apart from its operations."""


class Wirings:
    """One cell, its decisions parted into those that wire it and those that name the operation of a vertex."""

    def __init__(self, space: SearchSpace) -> None:
        root = space.skeleton.root
        if not isinstance(root, str):
            raise UnsuitedError("the classes of a net are counted one by one; name a cell with --net")
        self.space, self.graph = space, space.skeleton.graphs[root]
        self.names = [d for d in space.decisions if self.names_a_vertex(d)]
        self.wires = [d for d in space.decisions if d not in self.names]
        if len({d.form for d in self.names}) > 1:
            raise UnsuitedError("its vertices have operations of different lists")
        if prod(d.choices for d in self.wires) > MOST_WIRINGS:
            raise UnsuitedError(f"it has more than {MOST_WIRINGS:,} wirings")
        for node in self.graph.nodes:
            self.suited(node)
        if isinstance(self.graph.out.members, sk.Unread):
            raise UnsuitedError("its output joins what nobody has read")

    def names_a_vertex(self, d: Decision) -> bool:
        return isinstance(d, Choice) and any(
            isinstance(node.then, sk.Switch) and node.then.path == d.path and not d.bears for node in self.graph.nodes
        )

    def suited(self, node: sk.Node) -> None:
        """Whether what is live of a node can be read off what it draws."""
        plain = node.within is None and not isinstance(node.absorb, sk.Unread) and node.level is None
        decided = {d.path for d in self.wires}
        ops = all(op is None for reads in node.reads for op in reads.ops)
        if not (plain and ops) or any(reads.path not in (None, *decided) for reads in node.reads):
            raise UnsuitedError(f"what is live of `{node.path}` is not told by what it draws alone")

    # ---- all wirings at once ----

    def classes(self, told: Told) -> int:
        """The number of classes of valid genotypes."""
        m = self.names[0].choices if self.names else 1
        found: dict[Any, int] = {}
        wirings = self.live()
        for i, chosen in enumerate(wirings):
            told(i, len(wirings))
            vertices, marks, named = self.unnamed(chosen)
            key = form(vertices, marks).lines
            if key not in found:
                found[key] = orbits(vertices, marks, named, m)
        told(len(wirings), len(wirings))
        return sum(found.values())

    def live(self) -> list[list[int]]:
        """Of the wirings that meet the constraints, one for each that is live in another way, as alternatives."""
        import numpy as np

        digits = self.digits()
        keep = np.ones(len(digits[0]) if digits else 1, bool)
        for sums in self.sums(digits):
            keep &= sums
        digits = [column[keep] for column in digits]
        codes, alive = self.codes(digits)
        _, first = np.unique(codes[alive], return_index=True)
        rows = np.flatnonzero(alive)[first]
        return [[int(column[row]) for column in digits] for row in rows]

    def digits(self) -> list[ndarray[Any, Any]]:
        """For each decision the alternative that each wiring takes."""
        import numpy as np

        total = prod(d.choices for d in self.wires)
        index, digits = np.arange(total, dtype=np.int64), []
        for d in reversed(self.wires):
            digits.append((index % d.choices).astype(np.int32))
            index //= d.choices
        return digits[::-1]

    def sums(self, digits: Sequence[ndarray[Any, Any]]) -> Iterator[ndarray[Any, Any]]:
        """For each constraint whether each wiring meets it."""
        import numpy as np

        for constraint in every_test(self.space.skeleton):
            try:
                folding = Folding(self.space, (constraint,))
                (base,) = folding.all_parts({})
            except UndecidedError:
                raise UnsuitedError("one of its constraints is no sum over its decisions") from None
            if folding.pinned or any(id(d) in folding.gains for d in self.names):
                raise UnsuitedError("one of its constraints depends on more than the wiring")
            total = np.full(len(digits[0]), base)
            for d, column in zip(self.wires, digits, strict=True):
                parts = folding.gains.get(id(d), [])
                owns = [d.alternative(i) for i in range(d.choices)] if parts else []
                if parts:
                    gains = np.array([sum(amount for holds, _, amount in parts if holds(own)) for own in owns])
                    total += gains[column]
            values = np.unique(total)
            right = values[[meets((constraint,), (int(value),)) for value in values]]
            yield np.isin(total, right)

    def codes(self, digits: Sequence[ndarray[Any, Any]]) -> tuple[ndarray[Any, Any], ndarray[Any, Any]]:
        """For each wiring the edges that are live, as one number, and whether its output is alive."""
        import numpy as np

        column = {d.path: (d, each) for d, each in zip(self.wires, digits, strict=True)}
        count = len(digits[0])
        present = [np.ones(count, bool) for _ in range(self.graph.inputs)]
        edges: list[tuple[int, int, ndarray[Any, Any]]] = []
        for position, node in enumerate(self.graph.nodes, self.graph.inputs):
            own = [(m, there) for reads in node.reads for m, there in drawn(reads.path, reads.members, column, count)]
            if isinstance(node.absorb, sk.Drawn):
                own += drawn(node.absorb.path, node.absorb.members, column, count)
            elif isinstance(node.absorb, tuple):
                own += [(m, np.ones(count, bool)) for m in node.absorb]
            reached = np.zeros(count, bool)
            for m, there in own:
                reached |= there & present[m]
                edges.append((m, position, there))
            present.append(reached)
        needed = [np.zeros(count, bool) for _ in present]
        assert isinstance(self.graph.out.members, tuple)
        for m in self.graph.out.members:
            needed[m][:] = True
        for m, position, there in reversed(edges):
            needed[m] |= there & needed[position]
        if len(edges) > 62:
            raise UnsuitedError("it has more than 62 edges")
        codes = np.zeros(count, np.int64)
        for i, (m, position, there) in enumerate(edges):
            codes |= (there & present[m] & needed[m] & present[position] & needed[position]).astype(np.int64) << i
        alive = np.zeros(count, bool)
        for m in self.graph.out.members:
            alive |= present[m]
        return codes, alive

    # ---- one wiring ----

    def unnamed(self, chosen: Sequence[int]) -> tuple[list[Vertex], list[tuple[int, int]], list[int]]:
        """The live graph of a wiring with its operations unnamed, and which vertices these are."""
        taken = {id(d): d.alternative(i) for d, i in zip(self.wires, chosen, strict=True)}
        graphs = []
        for i in range(self.names[0].choices if self.names else 1):
            values = tuple(
                d.join(taken[id(d)], [()] * len(d.brings(taken[id(d)]))) if id(d) in taken else d.join(i, [()])
                for d in self.space.decisions
            )
            graphs.append(live_graph(self.network(Genotype(self.space, values))))
        first, *others = graphs
        named = []
        vertices = list(first.vertices)
        for v, vertex in enumerate(vertices):
            if any(other.vertices[v].reads != vertex.reads for other in others):
                raise UnsuitedError("what an operation is changes how the cell is wired")
            if any(other.vertices[v].label != vertex.label for other in others):
                named.append(v)
                vertices[v] = vertex._replace(label=0)
        return vertices, first.marks, named

    def network(self, genotype: Genotype) -> Resolved:
        return resolved(genotype)


def drawn(
    path: str | None, members: Sequence[int], column: dict[str, tuple[Decision, ndarray[Any, Any]]], count: int
) -> list[tuple[int, ndarray[Any, Any]]]:
    """For each value that may be drawn, in which wirings it is."""
    import numpy as np

    if path is None:
        return [(m, np.ones(count, bool)) for m in members]
    decision, digits = column[path]
    if not isinstance(decision, Subset) or decision.mode != "set":
        raise UnsuitedError(f"`{path}` draws no set")
    sets = [decision.alternative(i) for i in range(decision.choices)]
    return [(m, np.array([p in own for own in sets])[digits]) for p, m in enumerate(members)]


def orbits(vertices: Sequence[Vertex], marks: Sequence[tuple[int, int]], named: Sequence[int], m: int) -> int:
    """In how many ways the vertices `named` can each have one of m names, up to symmetry (Burnside's lemma)."""
    try:
        symmetries = automorphisms(vertices, marks)
    except ValueError as reason:
        raise UnsuitedError(str(reason)) from None
    total: int = sum(m ** cycles(symmetry, named) for symmetry in symmetries)
    return total // len(symmetries)


def cycles(permutation: Sequence[int], among: Sequence[int]) -> int:
    """The cycles of a permutation among some of what it permutes."""
    count, ahead = 0, set(among)
    while ahead:
        count += 1
        at = ahead.pop()
        while (at := permutation[at]) in ahead:
            ahead.remove(at)
    return count
