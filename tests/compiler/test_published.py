"""Published sizes of spaces. Networks are compared with those of the papers' own code in `tests/zoo`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nasdsl import load

PUBLISHED = Path(__file__).parent.parent / "published"


def figures(name: str) -> dict[str, Any]:
    return json.loads((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["hierarchical", "darts", "nasfpn"])
def test_sizes_are_the_published_ones(name: str) -> None:
    assert load(name).size == figures("sizes")[name]["size"]


def test_a_nasnet_space_is_two_cells_of_the_published_size() -> None:
    assert load("nasnet").size == figures("sizes")["nasnet_cell"]["size"] ** 2


def test_hierarchical_is_as_large_in_both_nets() -> None:
    assert load("hierarchical", net="cifar10").size == load("hierarchical", net="search").size == 7**46
