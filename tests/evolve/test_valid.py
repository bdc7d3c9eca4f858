"""A search in a narrowed space under constraints: what is trained is valid, and a run keeps its narrowing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nasdsl.diagnostics import NasdslError
from nasdsl.evolve import run
from nasdsl.evolve.store import Store

SPACE = """
use vision (conv_bn_relu, max_pool, identity, conv_bn, classifier)

cell tiny(x) {
  node n[4] {
    from  pick 1 of earlier
    op    one of [conv_bn_relu(1), conv_bn_relu(3), max_pool(3), identity]
    merge add
  }
  out last(n)
  require count(identity) == 1 and depth >= 3
}

net search {
  input image(3, 32, 32)
  stem  conv_bn(3, width = 4, stride = 2)
  stage (width = 4) { tiny; tiny }
  head  classifier(10)
}

require params <= 900
"""


def started(tmp_path: Path, workers: int = 1) -> run.Summary:
    path = tmp_path / "tiny.nas"
    path.write_text(SPACE, encoding="utf-8")
    asked = run.settings(
        space=str(path), budget=25, population=6, seed=3, workers=workers,
        restrict=["tiny.n[*].op = conv_bn_relu(3) | identity"], fix=["tiny.n[0].from = x"],
    )  # fmt: skip
    return run.start(asked, root=tmp_path / "runs", evaluator="fakes:pure")


def test_only_valid_genotypes_of_what_is_left_are_trained(tmp_path: Path) -> None:
    summary = started(tmp_path)
    space = run.space(summary.folder)
    assert space.size == 1 * 2 * 3 * 4 * 2**4
    with Store.open(summary.folder / "run.sqlite") as store:
        proposals = store.proposals()
    assert len(proposals) >= 20
    for proposal in proposals:
        genotype = space.from_rank_text(proposal.code)
        fault = space.fault(genotype)
        assert proposal.fault == ("" if fault is None else str(fault))
        if fault is None:
            assert all(v in (1, 3) for p, v in genotype.assignment.items() if ".op" in p)
    assert summary.best
    assert all(space.valid(space.from_rank_text(row.code)) for row in summary.best)


def test_workers_and_a_resume_agree_on_the_narrowed_space(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = started(tmp_path / "one"), started(tmp_path / "two", workers=2)
    assert one.best == two.best
    held = json.loads((one.folder / "settings.json").read_text(encoding="utf-8"))["settings"]
    assert held["restrict"] == ["tiny.n[*].op = conv_bn_relu(3) | identity"]
    assert held["fix"] == ["tiny.n[0].from = x"]
    assert run.resume(one.folder).best == one.best


def test_a_space_without_a_valid_genotype_is_not_searched(tmp_path: Path) -> None:
    path = tmp_path / "none.nas"
    path.write_text(SPACE.replace("depth >= 3", "count(max_pool) >= 4"), encoding="utf-8")
    with pytest.raises(NasdslError, match="E0806"):
        run.start(run.settings(space=str(path), budget=5), root=tmp_path / "runs", evaluator="fakes:pure")
