"""Laws of the algebra on every shipped space and every published one that the tests hold."""

from __future__ import annotations

import copy
import multiprocessing
import operator
import pickle
import pickletools
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import nasdsl
from nasdsl.space.model import Genotype, SearchSpace

DRAFTS = Path(__file__).parent / "spaces"
FILES = [*nasdsl.shipped().values(), *sorted(DRAFTS.glob("*.nas"))]
OPS = ["operations"]


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def space(request: pytest.FixtureRequest) -> Iterator[SearchSpace]:
    path: Path = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DRAFTS)
        yield nasdsl.load(path, ops=OPS if path.parent == DRAFTS else ())


def some(space: SearchSpace, count: int = 8) -> list[Genotype]:
    """The first, the last and a few between, valid or not, and those that the file names."""
    rng = Random(0)
    between = [space[rng.randrange(space.size)] for _ in range(count)]
    return [space[0], space[-1], *between, *(space.point(name) for name in space.points)]


def test_rank_and_unrank_invert_each_other(space: SearchSpace) -> None:
    rng = Random(1)
    for rank in (0, space.size - 1, space.size // 2, *(rng.randrange(space.size) for _ in range(30))):
        genotype = space[rank]
        assert genotype in space
        assert space.index(genotype) == rank
        # The rank is of the values, not of how the genotype was made.
        assert space.genotype(genotype.values).rank == rank
        assert space.from_rank_text(genotype.code) == genotype


def test_small_ones_are_iterated_in_the_order_of_ranks(space: SearchSpace) -> None:
    if space.size > 2000:
        assert [g.rank for _, g in zip(range(20), space, strict=False)] == list(range(20))
        return
    assert [g.rank for g in space] == list(range(space.size))


def test_genotypes_survive_json_pickle_and_copies(space: SearchSpace) -> None:
    for genotype in some(space):
        assert space.from_json(genotype.to_json()) == genotype
        again = pickle.loads(pickle.dumps(genotype))
        assert (again, hash(again), again.text()) == (genotype, hash(genotype), genotype.text())
        assert copy.copy(genotype) is copy.deepcopy(genotype) is genotype


def test_a_space_survives_pickle_by_its_text(space: SearchSpace) -> None:
    again = pickle.loads(pickle.dumps(space))
    assert (again.name, again.net, again.size, again.source) == (space.name, space.net, space.size, space.source)
    assert (again.fingerprint, again.points, again.ops) == (space.fingerprint, space.points, space.ops)
    assert copy.copy(space) is copy.deepcopy(space) is space


def test_texts_are_read_back_from_the_file_they_are_pasted_into(space: SearchSpace) -> None:
    genotypes = some(space, 3)
    pasted = "\n\n".join(genotype.text(f"pasted_{i}") for i, genotype in enumerate(genotypes))
    again = nasdsl.loads(f"{space.source}\n{pasted}\n", f"{space.name}.nas", ops=space.ops)
    assert [again.point(f"pasted_{i}") for i in range(len(genotypes))] == genotypes


def test_a_pickle_holds_texts_and_numbers_only() -> None:
    """Two functions are named in it: the one that loads a text, and the one that takes an element."""
    space = nasdsl.load("darts", {"N": 2}).fix("normal=darts_v2")
    genotype = space[77]
    assert genotype.canonical
    strings = [arg for op, arg, _ in pickletools.genops(pickle.dumps(genotype, 4)) if op.name.endswith("UNICODE")]
    assert set(strings) >= {"nasdsl.compiler.again", "loaded", "_operator", "getitem", "fix normal=darts_v2"}
    assert {s for s in strings if s.startswith("nasdsl")} == {"nasdsl.compiler.again"}


def test_a_narrowed_space_and_its_parameters_survive() -> None:
    space = nasdsl.load("darts", {"N": 2}).fix("normal=darts_v2").restrict("reduce.op", "identity | sep_conv(3)")
    again = pickle.loads(pickle.dumps(space))
    assert (again.size, again.narrowed, dict(again.params)) == (space.size, space.narrowed, {"N": 2})
    genotypes = pickle.loads(pickle.dumps([space[3], space[-4]]))
    assert [g.text() for g in genotypes] == [space[3].text(), space[-4].text()]
    assert genotypes[0].space is genotypes[1].space
    # They come one by one, and are of one space all the same.
    assert pickle.loads(pickle.dumps(space[5])).space is again


def test_a_space_of_several_files_is_pickled_whole(tmp_path: Path) -> None:
    (tmp_path / "parts.nas").write_text("use vision (conv)\nblock twice(k) { conv(k); conv(k) }\n", encoding="utf-8")
    file = tmp_path / "made.nas"
    file.write_text('use "parts.nas" (twice)\nnet n { input image(3, 8); twice(3 | 5) }\n', encoding="utf-8")
    space = nasdsl.load(file)
    held = pickle.dumps(space[1])
    for each in (file, tmp_path / "parts.nas"):
        each.unlink()
    again = pickle.loads(held)
    assert again == space[1]
    assert again.canonical == space[1].canonical


def test_a_space_without_a_text_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="the space `made` was not made from a text, and cannot be pickled"):
        pickle.dumps(SearchSpace("made", "net", ()))


def test_other_processes_get_the_same_genotypes() -> None:
    space = nasdsl.load("hierarchical", net="search")
    drawn = [space.sample(Random(i)) for i in range(3)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(operator.attrgetter("canonical", "isomorphic", "rank"), drawn) == [
            (nasdsl.exact(g), nasdsl.isomorphic(g), g.rank) for g in drawn
        ]
        # What comes back is found where hashes are compared.
        assert {*pool.map(operator.methodcaller("mutate", Random(0)), drawn)} == {g.mutate(Random(0)) for g in drawn}


def test_keys_of_a_genotype_are_those_of_its_network() -> None:
    v2 = nasdsl.load("darts").point("darts_v2")
    assert (v2.canonical, v2.isomorphic) == (nasdsl.exact(v2), nasdsl.isomorphic(v2))
    assert v2.canonical is v2.canonical
