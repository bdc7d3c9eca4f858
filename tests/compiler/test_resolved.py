"""The resolved network is the network that is lowered, row by row."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from nasdsl import Binding, NasdslError, SearchSpace, load, network
from nasdsl.compiler.load import shipped
from nasdsl.compiler.resolved import Known, Resolving, resolved
from nasdsl.compiler.rows import Label

DRAFTS = sorted(Path(__file__).parents[1].joinpath("spaces").glob("*.nas"))
FILES = [*shipped().values(), *DRAFTS]


def opened(label: Label) -> list[Label]:
    return [label] if label.rows is None else [each for row in label.rows for each in opened(row.label)]


def agree(space: SearchSpace, rank: int, binding: Binding | None = None) -> None:
    genotype = space[rank]
    try:
        whole = network(genotype, binding)
    except NasdslError:
        with pytest.raises(NasdslError):
            resolved(genotype, binding)
        return
    made = resolved(genotype, binding)
    assert made.dead == whole.dead
    assert len(made.inputs) == len(whole.inputs)
    if made.dead:
        return
    labels = [label for row in made.live() for label in opened(made.rows[row].label)]
    assert sum(label.params for label in labels) == whole.params
    assert sum(label.macs for label in labels) == whole.macs
    # Inside a block identities are left out.
    names = sorted(whole.ops[i].name for i in whole.live if whole.ops[i].name != "identity")
    assert sorted(label.name for label in labels if label.name != "identity") == names
    ends = [str(made.rows[row].label.shape) for _, row in made.outputs]
    assert ends == [str(whole.ops[position].shape) for _, position in whole.outputs]
    assert len(made.taps) == len(whole.taps)
    assert len(made.feedback) == len(whole.feedback)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_the_lowered_network(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DRAFTS[0].parent)
    space = load(path, ops=["operations"] if path in DRAFTS else [])
    rng = Random(0)
    for rank in (0, space.size - 1, *(rng.randrange(space.size) for _ in range(8))):
        agree(space, rank)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_known_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DRAFTS[0].parent)
    space = load(path, ops=["operations"] if path in DRAFTS else [])
    rng = Random(1)
    for _ in range(30):
        genotype = space[rng.randrange(space.size)]
        try:
            afresh = Resolving(Known(space.skeleton, None), genotype.assignment).run()
        except NasdslError:
            continue
        again = resolved(genotype)
        told = [[(row.label.digest, row.reads) for row in made.rows] for made in (again, afresh)]
        assert told[0] == told[1]
        assert again.outputs == afresh.outputs


def test_it_is_bound_to_data() -> None:
    space = load("hierarchical", {"C": 4})
    agree(space, 12345, Binding(1, (14, 14), 10))
