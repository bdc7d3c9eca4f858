"""An activation function found by one search is an operation of another space."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import nasdsl
from nasdsl.cli import program

SWISH = nasdsl.shipped()["swish"]

SPACE = """
use "{file}" (activation)
use primitives (conv, batch_norm)
use vision (classifier)

{more}
block layer(k) {{ conv(k); batch_norm; {act} }}

net search {{
  input image(3, 8, 8)
  stage (width = 4) {{ repeat 2 {{ layer(3 | 5) }} }}
  head  classifier(10)
}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the space of activations and a genotype of it, printed as a space of its own."""
    (tmp_path / "swish.nas").write_text(SWISH.read_text(encoding="utf-8"), encoding="utf-8")
    made = CliRunner().invoke(program, ["print", "swish:swish", "--alone"])
    assert made.exit_code == 0, made.output
    (tmp_path / "found.nas").write_text(made.stdout, encoding="utf-8")
    return tmp_path


def space(folder: Path, file: str, act: str = "activation", more: str = "") -> nasdsl.SearchSpace:
    path = folder / "other.nas"
    path.write_text(SPACE.format(file=file, act=act, more=more), encoding="utf-8")
    assert nasdsl.check(nasdsl.load(path)) == ()
    return nasdsl.load(path)


def test_what_was_printed_is_a_space_of_one(folder: Path) -> None:
    found = nasdsl.load(folder / "found.nas")
    assert found.size == 1
    whole = nasdsl.load("swish")
    assert nasdsl.network(found[0]).params == nasdsl.network(whole.point("swish")).params


def test_a_found_activation_is_a_step(folder: Path) -> None:
    made = space(folder, "found.nas")
    assert made.size == 2 * 2
    network = nasdsl.network(made[0])
    assert [op.name for op in network.ops].count("scale") == 2
    # Two layers of a convolution, batch norm and a number for each channel; then the classifier.
    assert network.params == 3 * 4 * 9 + 4 * 4 * 9 + 2 * (2 * 4 + 4) + 4 * 10 + 10
    module = nasdsl.build(nasdsl.architecture(network), seed=0)
    result = module(torch.randn(2, 3, 8, 8))
    assert result.shape == (2, 10)
    result.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in module.parameters() if p.grad is not None)


def test_it_computes_swish(folder: Path) -> None:
    cell = folder / "cell.nas"
    # A file whose root is the cell alone.
    text = (folder / "found.nas").read_text(encoding="utf-8")
    start = text.index("cell activation")
    cell.write_text("use primitives (identity, scale)\n" + text[start : text.index("\n}", start) + 3], encoding="utf-8")
    module = nasdsl.build(nasdsl.architecture(nasdsl.network(nasdsl.load(cell)[0])))
    (beta,) = module.parameters()
    torch.nn.init.constant_(beta, 1.7)
    x = torch.randn(2, 16, 32, 32)
    assert module(x).allclose(x * torch.sigmoid(1.7 * x), atol=1e-6)


def test_an_open_activation_is_decided_once_for_the_space_that_uses_it(folder: Path) -> None:
    made = space(folder, "swish.nas", "act", "cell act = activation()")
    assert made.size == nasdsl.load("swish").size * 2 * 2
    assert {path.partition(".")[0] for path in (d.path for d in made.decisions)} == {"activation", "search"}


def test_a_cell_of_scalar_functions_keeps_its_width_wherever_it_stands(folder: Path) -> None:
    """So the convolution before it is the last in a block that can set the width, and delivers it."""
    for act in ("activation", "act"):
        made = space(folder, "found.nas", act, "cell act = activation()" if act == "act" else "")
        shapes = {op.name: op.shape for op in nasdsl.network(made[0]).ops}
        assert shapes["conv"] == shapes["scale"] == shapes["mul" if "mul" in shapes else "gated"]


def test_only_a_genotype_can_be_printed_alone() -> None:
    made = CliRunner().invoke(program, ["print", "swish", "--alone"])
    assert made.exit_code == 2
    assert "--restrict, --fix, --genotypes, --alone go with a genotype" in made.output
