"""Variation on examples: what moves with what."""

from __future__ import annotations

import copy
from random import Random

import pytest

from nasdsl.diagnostics import InternalError, NasdslError
from nasdsl.space.decisions import Choice, Subset, Written
from nasdsl.space.model import Entry, Genotype, SearchSpace


def reads(count: int, *texts: str) -> tuple[Written, ...]:
    alternatives = tuple(Written((t,)) for t in texts)
    return tuple(Written((0,), (Choice(f"n.op[{j}]", alternatives),)) for j in range(count))


def pick(least: int, most: int, mode: str = "set") -> Subset:
    return Subset("n.from", ("a", "b", "c", "d"), least, most, mode, reads(most, "f", "g", "h"))  # type: ignore[arg-type]


F, G, H = ((0, ()),), ((1, ()),), ((2, ()),)


def near(
    subset: Subset, value: tuple[tuple[int, ...], tuple[object, ...]]
) -> dict[tuple[int, ...], tuple[object, ...]]:
    return {positions: children for positions, children in subset.neighbours(value) if len(children) <= len(value[1])}


def test_in_a_set_the_operation_moves_with_its_input() -> None:
    found = near(pick(2, 2), ((1, 2), (F, G)))
    assert found[(2, 3)] == (G, F)  # c keeps g in its new slot, d takes over from b
    assert found[(0, 2)] == (F, G)
    assert found[(0, 3)] == (F, G)
    assert len(found) == 5


def test_in_a_sequence_the_operation_stays_in_its_slot() -> None:
    assert near(pick(2, 2, "order"), ((1, 2), (F, G)))[(2, 1)] == (F, G)
    assert near(pick(2, 2, "repeats"), ((1, 2), (F, G)))[(2, 2)] == (F, G)


def test_a_set_that_loses_an_input_keeps_the_operations_of_the_others() -> None:
    assert near(pick(1, 2), ((1, 2), (F, G)))[(2,)] == (G,)


def test_a_set_that_gains_an_input_tries_every_operation_for_it() -> None:
    grown = [children for positions, children in pick(1, 2).neighbours(((2,), (G,))) if positions == (0, 2)]
    assert grown == [(F, G), (G, G), (H, G)]


def test_operations_that_differ_from_slot_to_slot_do_not_move() -> None:
    other = (*reads(1, "f", "g", "h"), Written((0,), (Choice("n.op[1]", (Written(("x",)), Written(("y",)))),)))
    subset = Subset("n.from", ("a", "b", "c"), 2, 2, "set", other)
    assert near(subset, ((0, 1), (H, F)))[(1, 2)] == (H, F)


def test_a_space_of_one_genotype_has_no_mutation(conditional: SearchSpace) -> None:
    only = Choice("net.k", (Written(("3",)),))
    space = SearchSpace("fixed", "net", (Entry("net.k", "", (Written((0,), (only,)),)),))
    assert space.size == 1
    assert list(space[0].neighbours()) == []
    with pytest.raises(NasdslError, match="E0502: `fixed` holds one genotype only"):
        space[0].mutate(Random(0))
    assert SearchSpace("empty", "net", ()).sample(Random(0)).code == "0"


def test_parents_come_from_one_space(darts: SearchSpace, nasnet: SearchSpace) -> None:
    with pytest.raises(NasdslError, match="E0503: the other parent is no genotype of `darts`"):
        darts[0].cross(nasnet[0], Random(0))


def test_values_are_checked_where_they_come_in(darts: SearchSpace) -> None:
    assert darts.genotype(darts[12345].values) == darts[12345]
    with pytest.raises(NasdslError, match=r"E0503: `normal.n\[0\].from` cannot be 7"):
        darts.genotype((7, *darts[0].values[1:]))
    with pytest.raises(NasdslError, match="E0503: a genotype of `darts` has 8 values"):
        darts.genotype(())


@pytest.mark.parametrize("code", ["", "xyz", "-1", "0x10", "f" * 16, "1_0"])
def test_a_code_that_is_none(darts: SearchSpace, code: str) -> None:
    with pytest.raises(NasdslError, match="E0507: `darts` has no genotype"):
        darts.from_rank_text(code)
    with pytest.raises(IndexError):
        darts[darts.size]


def test_genotypes_of_spaces_of_one_name_and_net_are_compared(darts: SearchSpace) -> None:
    again = SearchSpace(darts.name, darts.net, darts.entries)
    assert again[5] == darts[5]
    assert hash(again[5]) == hash(darts[5])
    assert again[5] in darts
    assert SearchSpace(darts.name, "imagenet", darts.entries)[5] != darts[5]
    assert copy.deepcopy(darts[5]) is not None
    assert copy.deepcopy(darts[5]).space is darts


def test_holes_are_decisions() -> None:
    with pytest.raises(InternalError):
        Written(("f(", 0, ")"))
    with pytest.raises(InternalError):
        Written((0, 0), (Choice("k", (Written(("3",)),)),))


def test_repr_is_short(darts: SearchSpace) -> None:
    assert repr(Genotype(darts, darts[255].values)) == "<genotype ff of cifar10>"
