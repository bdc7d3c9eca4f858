"""Further published counts, each from a file of its own: cells by themselves, and variants of other spaces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nasdsl

HERE = Path(__file__).parent
COUNTS = json.loads((HERE.parent / "published" / "cardinality.json").read_text(encoding="utf-8"))


def test_every_count_has_a_file() -> None:
    assert sorted(COUNTS) == sorted(path.stem for path in (HERE / "counts").glob("*.nas"))


@pytest.mark.parametrize("name", COUNTS)
def test_the_published_count(name: str) -> None:
    file = HERE / "counts" / f"{name}.nas"
    assert nasdsl.check(nasdsl.load(file)) == ()
    assert nasdsl.load(file).size == COUNTS[name]["size"]


def test_variants_of_the_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    # On ImageNet GOLD-NAS has 14 cells, every one its own, each node with an edge at least.
    assert nasdsl.load("goldnas", {"N": 4}).valid_size.exact == 246_517_425**14
    ofa = nasdsl.load("ofa")
    assert ofa.fix("imagenet.input.height", "224").size == 21_758_655_492_572_485_851
