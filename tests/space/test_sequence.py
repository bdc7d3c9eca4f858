"""A space is the sequence of its genotypes, however long it is."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nasdsl.diagnostics import NasdslError
from nasdsl.space.decisions import Choice, Written
from nasdsl.space.model import Entry, Genotype, SearchSpace
from tests.space.test_laws import SMALL, laws, spaces

bounds = st.none() | st.integers(-SMALL - 2, SMALL + 2)
slices = st.builds(slice, bounds, bounds, st.none() | st.integers(-5, 5).filter(bool))


@pytest.fixture(scope="module")
def vast() -> SearchSpace:
    """7^300 genotypes: a number of 254 digits."""
    texts = tuple(Written((f"a{i}",)) for i in range(7))
    made = [Choice(f"net.d[{i}]", texts) for i in range(300)]
    return SearchSpace("vast", "net", tuple(Entry(d.path, "", (Written((0,), (d,)),)) for d in made))


@laws
@given(spaces())
def test_iteration_is_in_the_order_of_ranks(space: SearchSpace) -> None:
    assume(space.size <= SMALL)
    every = list(space)
    assert every == [space[i] for i in range(space.size)]
    assert [space.index(g) for g in every] == list(range(space.size))
    assert len(space) == space.size
    assert every[::-1] == list(reversed(space))


@laws
@given(spaces(), slices)
def test_a_slice_is_that_of_a_list(space: SearchSpace, part: slice) -> None:
    assume(space.size <= SMALL)
    every = list(space)
    taken = space[part]
    assert list(taken) == every[part]
    assert (len(taken), bool(taken)) == (len(every[part]), bool(every[part]))
    assert list(taken[::-2]) == every[part][::-2]
    assert [g in taken for g in every] == [g in every[part] for g in every]
    assert taken[-1:] == space[part][-1:]


@laws
@given(spaces(), st.data())
def test_numbers_below_zero_count_from_the_end(space: SearchSpace, data: st.DataObject) -> None:
    rank = data.draw(st.integers(-space.size, -1))
    assert space[rank] == space[space.size + rank]
    for outside in (space.size, -space.size - 1):
        with pytest.raises(IndexError, match="the numbers of the genotypes of `made` go from 0"):
            space[outside]


def test_a_vast_space_is_a_sequence_too(vast: SearchSpace) -> None:
    assert vast.size == 7**300
    assert len(str(vast.size)) == 254
    rng = Random(1)
    for rank in (0, vast.size - 1, *(rng.randrange(vast.size) for _ in range(20))):
        assert vast.rank(vast[rank]) == rank
        assert vast[rank - vast.size] == vast[rank]
    assert [g.rank for g in itertools.islice(vast, 3)] == [0, 1, 2]
    assert [g.rank for g in vast[-2:]] == [vast.size - 2, vast.size - 1]
    assert [g.rank for g in vast[10**200 : 10**200 + 2]] == [10**200, 10**200 + 1]
    assert vast[5] in vast[:]
    assert vast[5] not in vast[6:]


def test_len_says_what_it_can(vast: SearchSpace, conditional: SearchSpace) -> None:
    assert len(conditional) == 81
    assert Random(0).choice(conditional) in conditional
    with pytest.raises(OverflowError, match="`vast` has more genotypes than len"):
        len(vast)
    with pytest.raises(OverflowError):
        list(vast)
    assert bool(vast)
    assert bool(vast[1:])
    assert len(vast[: sys.maxsize]) == sys.maxsize


def test_what_is_no_number_is_no_index(darts: SearchSpace) -> None:
    assert type(darts[np.int64(3)].rank) is int
    for wrong in ("3", 3.0, None):
        with pytest.raises(TypeError):
            darts[wrong]  # type: ignore[call-overload]


def test_only_a_member_has_a_rank(darts: SearchSpace, nasnet: SearchSpace) -> None:
    with pytest.raises(NasdslError, match="E0503: `nasnet:5` is no genotype of `darts`"):
        darts.index(nasnet[5])
    assert nasnet[5] not in darts[:]
    again = SearchSpace(darts.name, darts.net, darts.entries)
    assert darts.index(again[5]) == 5


def test_a_part_is_a_sequence(darts: SearchSpace) -> None:
    part: Sequence[Genotype] = darts[10:20]
    assert part.index(darts[12]) == 2
    assert part.count(darts[12]) == 1
    assert repr(part) == "<genotypes range(10, 20) of darts>"


@laws
@given(spaces(), spaces())
def test_a_fingerprint_tells_decisions_apart(left: SearchSpace, right: SearchSpace) -> None:
    again = SearchSpace("other", "other", left.entries)
    assert again.fingerprint == left.fingerprint
    assert (left.fingerprint == right.fingerprint) == (left.entries == right.entries)
