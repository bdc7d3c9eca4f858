"""Published mobile networks typed from their papers' tables are those of well-known implementations.

`typed/figures.json` was counted by instantiating these, under the weights and the input of `checksum.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nasdsl

from .checksum import outputs, shape_hash

TYPED = Path(__file__).parent / "typed"
FIGURES = json.loads((TYPED / "figures.json").read_text(encoding="utf-8"))


def test_every_file_has_figures() -> None:
    assert sorted(FIGURES) == sorted(path.stem for path in TYPED.glob("*.nas"))


@pytest.mark.parametrize("name", FIGURES)
def test_the_network_is_the_published_one(name: str) -> None:
    space, known = nasdsl.load(TYPED / f"{name}.nas"), FIGURES[name]
    assert space.size == 1
    assert nasdsl.check(space) == ()
    network = nasdsl.network(space[0])
    assert (network.params, network.macs) == (known["params"], known["macs"])
    module = nasdsl.build(nasdsl.architecture(network))
    # A squeeze-and-excitation keeps linear maps where the implementations have 1x1 convolutions.
    assert known["hash"] in (None, shape_hash(module.parameters()))
    assert outputs(module, [2, 3, 224, 224])[:4].tolist() == pytest.approx(known["first4"], abs=1e-6)
