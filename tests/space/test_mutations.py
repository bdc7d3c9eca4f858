"""The mutations of published searches: what each changes, how often, and that it stays inside."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from math import comb
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import nasdsl
from nasdsl.compiler.judge import broken
from nasdsl.diagnostics import NasdslError
from nasdsl.space import mutations, places
from nasdsl.space.decisions import Decision, Subset
from nasdsl.space.model import Fault, Genotype, SearchSpace
from tests.space.cells import difference, genotypes, laws, seeds
from tests.space.test_uniform import chi_square

SPACES = Path(__file__).parent.parent / "spaces"
SHIPPED = ("darts", "hierarchical", "nasfpn", "nasnet")
HOWS: tuple[str | float, ...] = ("any", "regularized", "hierarchical", 0.1, 1)


@pytest.fixture(scope="module")
def shipped() -> dict[str, SearchSpace]:
    return {name: nasdsl.load(name) for name in SHIPPED}


@pytest.fixture(params=[*sorted(nasdsl.shipped()), *sorted(path.stem for path in SPACES.glob("*.nas"))])
def space(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> SearchSpace:
    monkeypatch.syspath_prepend(SPACES)
    if request.param in nasdsl.shipped():
        return nasdsl.load(request.param)
    return nasdsl.load(SPACES / f"{request.param}.nas", ops=["operations"])


def mutants(genotype: Genotype, how: str | float, rng: Random, count: int = 4) -> list[Genotype]:
    """Some mutants; none where the mutation says that it finds nothing."""
    try:
        return [genotype.mutate(rng, how, valid=False) for _ in range(count)]
    except NasdslError as found:
        if found.diagnostics[0].code != "E0521":
            raise
        return []


def one_read_or_operation(d: Decision, before: Any, after: Any) -> str:
    """Which of the two changed; fails where it was neither, or more."""
    if not isinstance(d, Subset) or before[0] == after[0]:
        ours, theirs = (before[1], after[1]) if isinstance(d, Subset) else ((before,), (after,))
        assert sum(a != b for a, b in zip(ours, theirs, strict=True)) == 1
        return "op"
    if not d.reads:
        before, after = (before[0], [()] * len(before[0])), (after[0], [()] * len(after[0]))
    ours, theirs = (list(zip(*value, strict=True)) for value in (before, after))
    if d.mode != "set":
        # What is read passes through the operation of its slot.
        changed = sum(a != b for a, b in zip(ours, theirs, strict=False)) + abs(len(ours) - len(theirs))
        assert changed == 1
        return "read"
    gone, new = [r for r in ours if r not in theirs], [r for r in theirs if r not in ours]
    assert len(gone) <= 1
    assert len(new) <= 1
    assert not (gone and new) or gone[0][1] == new[0][1]
    return "read"


# ---- what holds for all ----


@pytest.mark.parametrize("how", HOWS)
def test_a_mutant_of_any_space_is_another_member(space: SearchSpace, how: str | float) -> None:
    rng = Random(1)
    for _ in range(3 if space.size > 1 else 0):
        genotype = space[rng.randrange(space.size)]
        for mutant in mutants(genotype, how, rng):
            assert mutant in space
            assert mutant != genotype


@laws
@given(genotypes(), st.sampled_from(HOWS), seeds)
def test_a_mutant_of_a_generated_space_is_another_member(genotype: Genotype, how: str | float, rng: Random) -> None:
    for mutant in mutants(genotype, how, rng):
        assert mutant in genotype.space
        assert mutant != genotype


@laws
@given(genotypes(), seeds)
def test_regularized_changes_one_read_or_one_operation(genotype: Genotype, rng: Random) -> None:
    for mutant in mutants(genotype, "regularized", rng):
        [(d, before, after)] = difference(genotype, mutant)
        one_read_or_operation(d, before, after)


def test_regularized_changes_one_read_or_one_operation_of_known_spaces(space: SearchSpace) -> None:
    rng = Random(2)
    for _ in range(3 if space.size > 1 else 0):
        genotype = space[rng.randrange(space.size)]
        for mutant in mutants(genotype, "regularized", rng, 10):
            [(d, before, after)] = difference(genotype, mutant)
            one_read_or_operation(d, before, after)


@laws
@given(genotypes(), seeds)
def test_hierarchical_changes_one_operation_of_a_motif_or_of_what_uses_one(genotype: Genotype, rng: Random) -> None:
    levels = [cell for cell in places.cells(genotype.space) if cell.level]
    labels = {path for cell in levels for node in cell.nodes for op in node.ops for path in op}
    for mutant in mutants(genotype, "hierarchical", rng):
        [(d, before, after)] = difference(genotype, mutant)
        assert one_read_or_operation(d, before, after) == "op"
        ours, theirs = genotype.assignment, mutant.assignment
        [changed] = [path for path in ours.keys() & theirs.keys() if ours[path] != theirs[path]]
        assert changed in labels


@laws
@given(genotypes(), st.sampled_from(["any", "regularized", "hierarchical"]), seeds)
def test_a_mutant_by_name_is_a_neighbour(genotype: Genotype, how: str, rng: Random) -> None:
    assume(genotype.neighbour_count <= 2000)
    near = set(genotype.neighbours())
    assert near.issuperset(mutants(genotype, how, rng))


@laws
@given(genotypes(), st.data())
def test_neighbours_are_unique_symmetric_and_counted(genotype: Genotype, data: st.DataObject) -> None:
    assume(genotype.neighbour_count <= 500)
    near = list(genotype.neighbours())
    assert len(near) == len(set(near)) == genotype.neighbour_count
    assert genotype not in near
    other = data.draw(st.sampled_from(near))
    assert other in genotype.space
    assume(other.neighbour_count <= 500)
    assert genotype in other.neighbours()


def test_neighbours_of_known_spaces_are_counted(space: SearchSpace) -> None:
    rng = Random(3)
    for _ in range(3):
        genotype = space[rng.randrange(space.size)]
        if genotype.neighbour_count <= 5000:
            near = list(genotype.neighbours())
            assert len(near) == len(set(near)) == genotype.neighbour_count


def test_a_large_neighbourhood_is_counted_and_begun_at_once() -> None:
    space = nasdsl.loads(
        "use vision (conv)\nnet search { input image(4, 8); stage (width = 4)"
        " { repeat 1..40 { conv(1 | 3 | 5 | 7) } } }"
    )
    one = space[0]
    assert one.neighbour_count == 3 + sum(4**more for more in range(1, 40))
    assert next(one.neighbours()) in space


# ---- how often ----


def test_regularized_draws_cell_kind_node_and_read_uniformly(shipped: dict[str, SearchSpace]) -> None:
    start, rng = shipped["darts"][10**17], Random(4)
    drawn = []
    for _ in range(4000):
        [(d, before, after)] = difference(start, start.mutate(rng, "regularized"))
        kind = one_read_or_operation(d, before, after)
        slot = next(j for j in range(2) if kind == "op" and before[1][j] != after[1][j]) if kind == "op" else 0
        drawn.append((d.path.split(".")[0], kind, d.path.split(".")[1], slot))
    assert abs(chi_square((cell for cell, _, _, _ in drawn), 2)) < 3
    assert abs(chi_square((kind for _, kind, _, _ in drawn), 2)) < 3
    assert abs(chi_square(((node, slot) for _, kind, node, slot in drawn if kind == "op"), 8)) < 3
    # The first node has two values to read and reads both.
    assert abs(chi_square((node for _, kind, node, _ in drawn if kind == "read"), 3)) < 3


def test_regularized_draws_the_new_value_and_operation_uniformly(shipped: dict[str, SearchSpace]) -> None:
    start, rng = shipped["nasnet"][10**30], Random(5)
    found = [difference(start, start.mutate(rng, "regularized"))[0] for _ in range(8000)]
    of_last = [(before, after) for d, before, after in found if d.path == "normal.b[4].from"]
    reads = [after[0] for before, after in of_last if before[0] != after[0]]
    # Either read becomes one of the five other values.
    assert abs(chi_square(reads, 10)) < 3
    ops = [after[1] for before, after in of_last if before[0] == after[0]]
    assert abs(chi_square(ops, 24)) < 3


def test_hierarchical_draws_level_motif_node_edge_and_label_uniformly(shipped: dict[str, SearchSpace]) -> None:
    space, rng = shipped["hierarchical"], Random(6)
    assert sorted(cell.level for cell in places.cells(space)) == [2] * 6 + [3]
    start = space[space.size // 3]
    drawn = []
    for _ in range(8000):
        [(d, before, after)] = difference(start, start.mutate(rng, "hierarchical", valid=False))
        motif, node = d.path.split(".op")[0].split(".")
        drawn.append((motif, node, d.path, (before[0], after[0])))
    assert abs(chi_square((motif == "large" for motif, *_ in drawn), 2)) < 3
    assert abs(chi_square((motif for motif, *_ in drawn if motif != "large"), 6)) < 3
    assert abs(chi_square((node for motif, node, *_ in drawn if motif == "large"), 4)) < 3
    last = [path for motif, node, path, _ in drawn if (motif, node) == ("large", "m[2]")]
    assert abs(chi_square(last, 4)) < 3
    labels = [label for *_, path, label in drawn if path == "large.n.op[0]"]
    assert abs(chi_square(labels, 6)) < 3


def changed(one: Genotype, other: Genotype) -> list[int]:
    return [i for i, (a, b) in enumerate(zip(one.values, other.values, strict=True)) if a != b]


def chain(length: int, ways: int = 4) -> SearchSpace:
    kernels = " | ".join(str(2 * i + 1) for i in range(ways))
    return nasdsl.loads(
        f"use vision (conv)\nnet search {{ input image(3, 8); {'; '.join([f'conv({kernels}, width = 4)'] * length)} }}"
    )


def test_a_probability_redraws_each_decision_given_that_one_changes() -> None:
    start, rng = chain(6)[77], Random(7)
    rate = 0.3 * 3 / 4
    counts = Counter(len(changed(start, start.mutate(rng, 0.3))) for _ in range(6000))
    none = (1 - rate) ** 6
    expected = {k: 6000 * comb(6, k) * rate**k * (1 - rate) ** (6 - k) / (1 - none) for k in range(1, 7)}
    assert set(counts) <= set(expected)
    # Five degrees of freedom: 20.5 is passed once in a thousand.
    assert sum((counts[k] - e) ** 2 / e for k, e in expected.items() if e > 5) < 20.5
    pairs = [tuple(changed(start, m)) for m in (start.mutate(rng, 0.3) for _ in range(6000))]
    assert abs(chi_square((p for p in pairs if len(p) == 2), len(list(combinations(range(6), 2))))) < 3


def test_a_probability_of_one_draws_any_other_genotype() -> None:
    space, rng = chain(2), Random(8)
    assert abs(chi_square((space[5].mutate(rng, 1) for _ in range(6000)), space.size - 1)) < 3


def test_a_tiny_probability_changes_one_decision() -> None:
    start, rng = chain(6)[0], Random(9)
    found = [changed(start, start.mutate(rng, 1e-12)) for _ in range(1200)]
    assert all(len(each) == 1 for each in found)
    assert abs(chi_square((each[0] for each in found), 6)) < 3


def test_a_probability_reaches_what_stays_inside_of_what_changed() -> None:
    space = nasdsl.loads(
        "use vision (conv)\nnet search { input image(4, 8); stage (width = 4) { repeat 1..3 { conv(1 | 3) } } }"
    )
    start, rng = space[space.size - 1], Random(10)
    assert {start.mutate(rng, 1) for _ in range(600)} == {space[r] for r in range(space.size - 1)}


# ---- constraints ----


def test_a_mutant_is_valid_and_drawn_again_until_it_is(conditional: SearchSpace) -> None:
    valid = replace(conditional, fault=lambda g: None if g.rank % 3 == 0 else Fault("odd"))
    rng = Random(11)
    assert all(valid[27].mutate(rng, how).rank % 3 == 0 for how in ("any", 0.5) for _ in range(50))
    assert {valid[27].mutate(rng, valid=False).rank % 3 for _ in range(50)} == {0, 1, 2}
    assert all(valid[27].cross(valid[80], rng, how).rank % 3 == 0 for how in ("uniform", "subtree") for _ in range(50))


def test_constraints_of_the_language_hold_for_mutants() -> None:
    node = "node n[3] { from pick 1..2 of earlier; op one of [conv(3), identity]; merge add }"
    space = nasdsl.loads(
        f"use vision (conv, identity)\ncell f(x) {{\n  {node}\n  out last(n)\n  require edges <= 4\n}}\n"
        "net search { input image(4, 8); stage (width = 4) { f } }"
    )
    rng = Random(12)
    one = space.sample(rng)
    for how in ("any", "regularized", 0.2):
        for _ in range(30):
            one = one.mutate(rng, how)
            assert space.valid(one)


@pytest.mark.parametrize("how", ["any", 0.3])
def test_a_genotype_without_valid_mutants_is_said(conditional: SearchSpace, how: str | float) -> None:
    alone = replace(conditional, fault=lambda g: None if g.rank == 27 else Fault("it is another"))
    with pytest.raises(NasdslError, match="E0522: none of 1,000 mutants in `conditional`") as found:
        alone[27].mutate(Random(0), how)
    assert found.value.diagnostics[0].notes == ("in 1,000 of them it is another",)
    with pytest.raises(NasdslError, match="E0522: none of 1,000 children"):
        replace(conditional, fault=lambda g: Fault("no")).genotype(conditional[3].values).cross(
            replace(conditional, fault=lambda g: Fault("no"))[60], Random(0)
        )


def alive(genotype: Genotype) -> bool:
    """Whether it is valid, by its network and its constraints. What is no network at all is not dead."""
    try:
        dead = nasdsl.network(genotype).dead
    except NasdslError:
        dead = False
    return broken(genotype) is None and not dead


def always_valid(space: SearchSpace) -> bool:
    """Whether the space is known to hold no other genotypes."""
    return space.pool.valid and space.pool.size == space.size


def test_a_space_said_to_be_always_valid_is(space: SearchSpace) -> None:
    rng = Random(13)
    if always_valid(space):
        assert all(alive(space[rng.randrange(space.size)]) for _ in range(5))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(genotypes())
def test_a_generated_space_said_to_be_always_valid_is(genotype: Genotype) -> None:
    assume(always_valid(genotype.space))
    assert alive(genotype)


def test_most_published_spaces_are_known_to_be_valid(shipped: dict[str, SearchSpace]) -> None:
    assert {name: always_valid(space) for name, space in shipped.items()} == {
        "darts": True, "nasnet": True, "hierarchical": False, "nasfpn": True,
    }  # fmt: skip


# ---- mistakes ----


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("regular", "`regular` is no mutation"),
        ("0", "`0` is no mutation"),
        (1.5, "`1.5` is no mutation"),
        (float("nan"), "`nan` is no mutation"),
        (True, "`True` is no mutation"),
        (None, "`None` is no mutation"),
    ],
)
def test_a_mutation_that_is_none(darts: SearchSpace, how: Any, message: str) -> None:
    with pytest.raises(NasdslError, match=f"E0520: {message}"):
        darts[0].mutate(Random(0), how)


def test_a_close_name_is_offered(darts: SearchSpace) -> None:
    with pytest.raises(NasdslError) as found:
        mutations.known("regularised")
    assert found.value.diagnostics[0].helps == ("did you mean `regularized`?",)
    with pytest.raises(NasdslError, match="E0520: `subtrees` is no crossover"):
        darts[0].cross(darts[1], Random(0), "subtrees")  # type: ignore[arg-type]
    assert mutations.known("0.1") == 0.1


def test_what_a_mutation_needs_and_a_space_lacks_is_said(shipped: dict[str, SearchSpace]) -> None:
    with pytest.raises(NasdslError, match="E0521: `darts` has no motifs"):
        shipped["darts"][0].mutate(Random(0), "hierarchical")
    with pytest.raises(NasdslError, match="E0521: `<text>` has no cells with nodes"):
        chain(3)[0].mutate(Random(0), "regularized")
    fixed = shipped["hierarchical"].restrict("small.op", "identity").restrict("large.op", "small[0]")
    assert fixed.size == 1
    some = nasdsl.loads(
        "use vision (conv)\nmotif m(x) { node n { from x; op conv(3) }; out n }\n"
        "net search { input image(4, 8); stage (width = 4) { m; repeat 1 | 2 { m } } }"
    )
    with pytest.raises(NasdslError, match="E0521: nothing is open in the motifs of `<text>`"):
        some[0].mutate(Random(0), "hierarchical")


def test_a_genotype_may_lack_what_its_space_has() -> None:
    space = nasdsl.loads(
        "use vision (identity)\ncell f(x) { node n[1..2] { from pick 1 of earlier; op identity }; out last(n) }\n"
        "net search { input image(4, 8); stage (width = 4) { f } }"
    )
    mutations.suits(space, "regularized")
    with pytest.raises(NasdslError, match="E0521: `regularized` finds nothing to change in this genotype"):
        space[0].mutate(Random(0), "regularized")
    assert space[1].mutate(Random(0), "regularized") == space[2]


# ---- crossover ----


@laws
@given(genotypes(), seeds, st.sampled_from(["uniform", "subtree"]))
def test_a_child_is_a_member_and_that_of_equal_parents_is_what_they_are(one: Genotype, rng: Random, how: Any) -> None:
    other = one.space[rng.randrange(one.space.size)]
    child = one.cross(other, rng, how, valid=False)
    assert child in one.space
    assert one.cross(one.space[one.rank], rng, how) == one
    assert how == "uniform" or child != one or one == other


def test_a_subtree_is_taken_from_a_place_of_equal_type(space: SearchSpace) -> None:
    rng = Random(14)
    for _ in range(4):
        one, other = space[rng.randrange(space.size)], space[rng.randrange(space.size)]
        child = one.cross(other, rng, "subtree", valid=False)
        assert child in space
        theirs = {(d.form, value) for d, value in zip(space.decisions, other.values, strict=True)}
        for d, before, after in zip(space.decisions, one.values, child.values, strict=True):
            assert after == before or d.bears or (d.form, after) in theirs


def test_a_motif_takes_the_place_of_another(shipped: dict[str, SearchSpace]) -> None:
    space, rng = shipped["hierarchical"], Random(15)
    one, other = space[0], space[space.size - 1]
    # Seven places below 36 decisions of six motifs, then ten of `large`.
    moved = Counter()  # type: ignore[var-annotated]
    for _ in range(600):
        child = one.cross(other, rng, "subtree", valid=False)
        moved[tuple(sorted({d.path.split(".")[0] for d, *_ in difference(one, child)})), len(changed(one, child))] += 1
    assert {(f"small[{i}]",) for i in range(6)} <= {where for where, count in moved if count == 6}
    assert (("large",), 10) in moved


def test_cells_of_one_template_exchange_nodes(shipped: dict[str, SearchSpace]) -> None:
    space = shipped["darts"]
    parts = len(space.decisions) // 2
    one = space[0]
    other = space.genotype((*space[0].values[:parts], *space[space.size - 1].values[parts:]))
    children = {one.cross(other, Random(seed), "subtree") for seed in range(300)}
    # `other` differs from `one` in its reduction cell only, and parts of that come to stand in the normal cell.
    assert any(child.values[:parts] == other.values[parts:] for child in children)
    assert any(len(changed(one, child)) == 1 and changed(one, child)[0] < parts for child in children)
