"""Published spaces, written with the operations of a plug-in, have their exact sizes: every genotype, `require` aside.

A figure is written as the product it is.
"""

from __future__ import annotations

from math import comb, prod
from pathlib import Path

import pytest

import nasdsl
from nasdsl.terminal.printing import printed

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)


def cells_of_pairs(ops: int, nodes: int, *, repeats: bool = False) -> int:
    """Cells with two ports whose nodes each pick two of what is before them, and an operation for each."""
    sources = ((i + 2) ** 2 if repeats else comb(i + 2, 2) for i in range(nodes))
    return prod(s * ops**2 for s in sources)


def depths(of: int, least: int, most: int) -> int:
    """A part that is repeated `least` to `most` times and decided afresh each time in `of` ways."""
    return sum(of**d for d in range(least, most + 1))


APQ_LAYER = 3 * 2 * 4 * 3**3

SIZES = {
    # Four widths for each of two layers.
    "tas": depths(4 * 4, 1, 9) ** 3,
    # Ten blocks of one layer out of 6 and three out of 7; b reads one of 2, c of 3, seven more of the last 4.
    "densenas": (6 * 7**3) ** 10 * 2 * 3 * 4**7,
    # Two different inputs in order, add or global_pool; the two inner ones choose among five levels.
    "nasfpn_fixed": prod((5 + i) * (4 + i) * 2 for i in range(7)) * 5**2,
    "apq": depths(APQ_LAYER, 2, 4) ** 2,
    "binary_darts": cells_of_pairs(8, 4) ** 2,
    # d layers: identity, or two operations with 4 kernels, 64 widths and 2 strides; any skips; 5 learning rates.
    "large_scale_evolution": 5 * sum((1 + 2 * 4 * 64 * 2) ** d * 2 ** (d * (d - 1) // 2) for d in range(41)),
    # add or concat; one to three layers of two kernels.
    "two_branches": 2 * depths(2, 1, 3),
    # 16 widths and 16 depths a stage; `require` leaves the ascending widths.
    "resnet_family": (16 * 16) ** 3,
}


def test_every_file_has_a_figure() -> None:
    assert sorted(SIZES) == sorted(path.stem for path in HERE.glob("*.nas"))


@pytest.mark.parametrize("name", SIZES)
def test_the_size_is_exact(name: str) -> None:
    assert nasdsl.load(HERE / f"{name}.nas", ops=["operations"]).size == SIZES[name]


@pytest.mark.parametrize(
    "name",
    sorted({*SIZES} - {"large_scale_evolution"}),  # its skips join values of any shapes: few of them fit
)
def test_a_genotype_is_lowered_and_costed(name: str) -> None:
    space = nasdsl.load(HERE / f"{name}.nas", ops=["operations"])
    network = nasdsl.network(space[space.size - 1])
    assert network.params >= 0
    assert len(network.ops) > len(network.inputs)


@pytest.mark.parametrize("name", sorted(SIZES))
def test_the_printed_space_is_the_same(name: str) -> None:
    text = printed(HERE / f"{name}.nas", ops=["operations"])
    space, copy = nasdsl.load(HERE / f"{name}.nas", ops=["operations"]), nasdsl.loads(text, ops=["operations"])
    assert copy.size == space.size
    for rank in (0, space.size // 3, space.size - 1):
        try:
            key = nasdsl.exact(space[rank])
        except nasdsl.NasdslError:
            continue  # the shapes of this genotype do not fit
        assert nasdsl.exact(copy[rank]) == key
