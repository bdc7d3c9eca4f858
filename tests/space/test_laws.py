"""What holds for every space: generated groups of nested decisions of every kind."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nasdsl.space import group, vary
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Choice, Decision, Subset, Written
from nasdsl.space.model import Entry, Genotype, Said, SearchSpace
from nasdsl.space.reading import read_part
from nasdsl.space.text import lines, places, values_of

laws = settings(max_examples=60, deadline=None)

SMALL = 400


class Paths:
    """Distinct paths, in the order of the draw."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"d{self.count}"


def subset(draw: Any, path: str, reads: tuple[Written, ...], most: int) -> Subset:
    mode = draw(st.sampled_from(["set", "order", "repeats"]))
    n = draw(st.integers(1 if mode == "repeats" else max(most, 1), 3))
    least = draw(st.integers(0, most))
    return Subset(path, tuple(f"v[{i}]" for i in range(n)), least, most, mode, reads)


def decision(draw: Any, paths: Paths, depth: int) -> Decision:
    kind = draw(st.sampled_from(["choice", "choice", "subset", "arrangement"]))
    path = paths.new()
    if kind == "choice":
        return Choice(path, tuple(written(draw, paths, depth, f"a{i}") for i in range(draw(st.integers(1, 3)))))
    if kind == "subset":
        return subset(draw, path, (), draw(st.integers(0, 2)))
    return Arrangement(path, tuple("xyz"[: draw(st.integers(1, 3))]))


def written(draw: Any, paths: Paths, depth: int, name: str) -> Written:
    """`name`, `name(HOLE, HOLE)` with the holes in any order, or `name` with decisions that it does not show."""
    inner = tuple(decision(draw, paths, depth - 1) for _ in range(draw(st.integers(0, 2)) if depth else 0))
    shown = draw(st.permutations(range(len(inner)))) if draw(st.booleans()) else []
    holes = [piece for i in shown for piece in (", ", i)][1:]
    return Written((f"{name}(", *holes, ")") if shown else (name,), inner)


def node(draw: Any, paths: Paths) -> list[Entry]:
    """A node: values picked, what each passes through, values read in any case, a merge."""
    path, sources = paths.new(), []
    for _ in range(draw(st.integers(1, 2))):
        most = draw(st.integers(0, 2))
        alike = draw(st.booleans())
        reads = tuple(written(draw, paths, 0 if alike else 1, "op" if alike else f"op{j}") for j in range(most))
        sources.append(Written((0,), (subset(draw, paths.new(), reads, most),)))
    fixed = draw(st.integers(0, 2))
    sources += [Written((f"w[{i}]",)) for i in range(fixed)]
    ops = tuple(Written((0,), (decision(draw, paths, 1),)) for _ in range(fixed))
    entries = [Entry(path, "from", tuple(sources)), Entry(path, "op", ops)]
    return [*entries, Entry(path, "merge", (written(draw, paths, 1, "add"),))]


@st.composite
def spaces(draw: Any) -> SearchSpace:
    paths = Paths()
    entries: list[Entry] = []
    for _ in range(draw(st.integers(0, 2))):
        made = decision(draw, paths, 2)
        entries.append(Entry(made.path, "", (Written((0,), (made,)),)))
    for _ in range(draw(st.integers(0, 2))):
        entries += node(draw, paths)
    return SearchSpace("made", "net", tuple(entries))


def every(decision: Decision) -> Iterator[Any]:
    """All values in the order the language promises, by another way than unranking."""
    if isinstance(decision, Choice):
        for i, alternative in enumerate(decision.alternatives):
            yield from ((i, values) for values in itertools.product(*map(every, alternative.decisions)))
    elif isinstance(decision, Subset):
        n = range(len(decision.members))
        draws: Any = {
            "set": itertools.combinations,
            "order": itertools.permutations,
            "repeats": lambda n, k: itertools.product(n, repeat=k),
        }[decision.mode]
        for k in range(decision.least, decision.most + 1):
            for positions in draws(n, k):
                slots = [list(itertools.product(*map(every, r.decisions))) for r in decision.reads[:k]]
                yield from ((positions, reads) for reads in itertools.product(*slots))
    elif isinstance(decision, Arrangement):
        yield from itertools.permutations(range(len(decision.items)))


@st.composite
def genotypes(draw: Any) -> Genotype:
    space: SearchSpace = draw(spaces())
    return space[draw(st.integers(0, space.size - 1))]


seeds = st.integers(0, 2**32).map(Random)


@laws
@given(spaces())
def test_ranks_follow_the_order_of_the_language(space: SearchSpace) -> None:
    assume(space.size <= SMALL)
    expected = list(itertools.product(*map(every, space.decisions)))
    assert [space[i].values for i in range(space.size)] == expected
    assert [space.genotype(values).rank for values in expected] == list(range(space.size))


@laws
@given(genotypes())
def test_rank_and_code_lead_back(genotype: Genotype) -> None:
    space = genotype.space
    assert genotype in space
    assert space[genotype.rank] == genotype
    assert hash(space[genotype.rank]) == hash(genotype)
    assert space.from_rank_text(genotype.code) == genotype


@laws
@given(spaces(), seeds)
def test_samples_are_members(space: SearchSpace, rng: Random) -> None:
    genotype = space.sample(rng)
    assert genotype in space
    assert 0 <= genotype.rank < space.size


@laws
@given(genotypes())
def test_the_sites_of_a_mutation_are_the_decisions_with_a_choice(genotype: Genotype) -> None:
    active = vary.active(genotype.space.decisions, genotype.values)
    assert vary.sites(genotype.space.decisions, genotype.values) == sum(d.choices > 1 for d, _ in active)


@laws
@given(genotypes(), seeds)
def test_a_mutation_is_another_member_in_one_decision(genotype: Genotype, rng: Random) -> None:
    assume(genotype.space.size > 1)
    mutant = genotype.mutate(rng)
    assert mutant in genotype.space
    assert mutant != genotype
    before, after = genotype.assignment, mutant.assignment
    assert sum(before[path] != after[path] for path in before.keys() & after.keys()) == 1


@laws
@given(genotypes(), seeds)
def test_neighbours_are_distinct_members_and_hold_every_mutation(genotype: Genotype, rng: Random) -> None:
    assume(1 < genotype.space.size <= SMALL)
    near = list(genotype.neighbours())
    assert all(other in genotype.space for other in near)
    assert len(set(near)) == len(near) == genotype.neighbour_count
    assert genotype not in near
    assert genotype.mutate(rng) in near


@laws
@given(genotypes(), st.data())
def test_neighbours_are_symmetric(genotype: Genotype, data: st.DataObject) -> None:
    assume(1 < genotype.space.size <= SMALL)
    other = data.draw(st.sampled_from(list(genotype.neighbours())))
    assert genotype in other.neighbours()


@laws
@given(spaces(), seeds)
def test_a_cross_takes_every_decision_from_a_parent(space: SearchSpace, rng: Random) -> None:
    left, right = space.sample(rng), space.sample(rng)
    child = left.cross(right, rng)
    assert child in space
    parents = set(left.assignment.items()) | set(right.assignment.items())
    assert set(child.assignment.items()) <= parents
    assert left.cross(left, rng) == left


@laws
@given(spaces(), seeds)
def test_a_subtree_cross_is_a_member_and_differs_where_its_parents_do(space: SearchSpace, rng: Random) -> None:
    left, right = space.sample(rng), space.sample(rng)
    child = left.cross(right, rng, "subtree")
    assert child in space
    assert (child == left) == (left == right)


@laws
@given(genotypes(), seeds, st.sampled_from([1e-9, 0.1, 0.5, 1]))
def test_decisions_drawn_again_give_another_member(genotype: Genotype, rng: Random, rate: float) -> None:
    assume(genotype.space.size > 1)
    mutant = genotype.mutate(rng, rate)
    assert mutant in genotype.space
    assert mutant != genotype


@laws
@given(genotypes())
def test_assignment_names_every_active_decision_once(genotype: Genotype) -> None:
    active = list(vary.active(genotype.space.decisions, genotype.values))
    assert len(genotype.assignment) == len(active)
    assert genotype.assignment == {d.path: d.chosen(value) for d, value in active}


def said(genotype: Genotype) -> dict[str, dict[str, Said]]:
    """What the genotype's text says, taken apart as a parser would."""
    found: dict[str, dict[str, Said]] = {}
    for line in lines(genotype.space.entries, genotype.values):
        path, mark, rest = line.partition(" = ") if " = " in line.split("{")[0] else line.partition(" { ")
        clauses = [("", rest)] if mark == " = " else [c.split(" ", 1) for c in rest.removesuffix(" }").split("; ")]
        found[path] = {clause: Said(text) for clause, text in clauses}
    return found


@laws
@given(genotypes())
def test_the_text_reads_back(genotype: Genotype) -> None:
    assert genotype.space.read(said(genotype)) == genotype


@laws
@given(genotypes())
def test_a_path_has_one_line(genotype: Genotype) -> None:
    paths = [line.split(" ")[0] for line in lines(genotype.space.entries, genotype.values)]
    assert len(set(paths)) == len(paths)


@laws
@given(st.data())
def test_a_part_reads_back(data: st.DataObject) -> None:
    part = written(data.draw, Paths(), 2, "f")
    assume(not any(w.unshown for w in _inside(part)))
    values = group.unrank(part.decisions, data.draw(st.integers(0, part.size - 1)))
    assert read_part([part, part], f"{part.write(values)}, {part.write(values)}") == [values, values]
    assert read_part([part], part.write(values) + "?") is None


def _inside(part: Written) -> Iterator[Written]:
    yield part
    for d in part.decisions:
        for index in range(d.choices):
            for inner in d.brings(d.alternative(index)):
                yield from _inside(inner)


@laws
@given(spaces())
def test_places_hold_every_entry(space: SearchSpace) -> None:
    values = space[0].values
    by_path = values_of(space.entries, values)
    assert sum(len(place.entries) for place in places(space.entries)) == len(space.entries)
    assert sum(len(own) for of_path in by_path.values() for own in of_path) == len(values)


@laws
@given(spaces(), st.data())
def test_what_is_no_value_is_no_member(space: SearchSpace, data: st.DataObject) -> None:
    assume(space.decisions)
    junk = st.recursive(st.integers(-2, 5) | st.none() | st.text(max_size=2), lambda s: st.tuples(s, s), max_leaves=6)
    values = tuple(data.draw(junk) for _ in space.decisions)
    real = all(value in list(every(d)) for d, value in zip(space.decisions, values, strict=True))
    assert (Genotype(space, values) in space) == real
