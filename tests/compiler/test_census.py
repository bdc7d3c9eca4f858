"""How many networks a space holds: published counts, and one count beside the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from nasdsl import NasdslError, SearchSpace, isomorphic, load, loads
from nasdsl.compiler.census import Wirings, census

NB101 = Path(__file__).parents[2] / "spaces" / "nasbench101.nas"
CELL = """
use vision (conv_bn_relu, max_pool)
ops two = [conv_bn_relu(3), max_pool(3)]
cell c(x) {
  node v[3] { from some of earlier; merge add; then one of two }
  node z { from some of earlier; merge add }
  out z
  require edges <= 5
}
"""


@pytest.fixture
def nb101() -> str:
    """The cell of NAS-Bench-101 with a parameter for its inner vertices."""
    text = NB101.read_text(encoding="utf-8").partition("net cifar10")[0]
    return text.replace(", classifier", "").replace("param N = 3", "param V = 5").replace("node v[5]", "node v[V]")


@pytest.mark.parametrize(("vertices", "models"), [(5, 2_532), (6, 64_542), (7, 423_624)])
def test_the_distinct_models_of_nasbench101(nb101: str, vertices: int, models: int) -> None:
    """Ying et al., 2019: 423,624 models of up to seven vertices and nine edges."""
    space = loads(nb101, params={"V": vertices - 2})
    assert Wirings(space).classes(lambda done, total: None) == models


def test_the_cell_of_a_file_with_a_net_is_named() -> None:
    space = load("nasbench101", net="module")
    assert space.size == 2**21 * 3**5


def by_graphs(space: SearchSpace) -> int:
    return len({isomorphic(g) for g in map(space.__getitem__, range(space.size)) if space.valid(g)})


@pytest.mark.parametrize("change", [("", ""), ("edges <= 5", "edges >= 3"), ("merge add }", "merge max }")])
def test_wirings_and_genotypes_give_one_count(change: tuple[str, str]) -> None:
    space = loads(CELL.replace(*change) if change[0] else CELL)
    assert Wirings(space).classes(lambda done, total: None) == by_graphs(space) == census(space, "isomorphic").classes


def test_what_is_exact_is_at_least_as_coarse_here() -> None:
    """Two pools of one value are one value, and two vertices."""
    space = loads(CELL)
    assert census(space, "exact").classes < census(space, "isomorphic").classes


def test_too_many_are_refused() -> None:
    with pytest.raises(NasdslError, match="E0540"):
        census(load("darts"))
