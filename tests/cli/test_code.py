"""`code`, and genotypes that are typed from a paper into a file of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from nasdsl import NasdslError, load, network

Call = Callable[..., Result]

# Progressive DARTS (Chen et al., 2019), as its official code lists it; 3.4M parameters on CIFAR-10 and
# 4.9M on ImageNet in the paper.
PDARTS = """
genotype p_darts of cifar10 {
  normal.n[0] { from prev2, prev1; op identity, dil_conv(3) }
  normal.n[1] { from prev2, n[0];  op identity, sep_conv(3) }
  normal.n[2] { from prev2, prev1; op sep_conv(3), sep_conv(3) }
  normal.n[3] { from prev2, prev1; op sep_conv(3), dil_conv(5) }
  reduce.n[0] { from prev2, prev1; op avg_pool(3), sep_conv(5) }
  reduce.n[1] { from prev2, n[0];  op sep_conv(3), dil_conv(5) }
  reduce.n[2] { from prev2, prev1; op max_pool(3), dil_conv(3) }
  reduce.n[3] { from prev2, n[2];  op dil_conv(3), dil_conv(5) }
}
"""


def test_a_typed_genotype_has_its_published_size(call: Call) -> None:
    Path("mine.nas").write_text(PDARTS)
    result = call("info", "darts:p_darts", "--genotypes", "mine.nas")
    assert result.exit_code == 0, result.output
    assert "parameters     3,433,798\n" in result.stdout
    large = network(load("darts", net="imagenet", genotypes="mine.nas").point("p_darts"))
    assert round(large.params / 1e6, 1) == 4.9
    assert call("print", "darts:p_darts", "--genotypes", "mine.nas").stdout.startswith("genotype p_darts of cifar10 {")
    assert call("render", "darts:p_darts", "--genotypes", "mine.nas", "-o", "p.dot").exit_code == 0


def test_a_file_of_genotypes_holds_nothing_else(call: Call) -> None:
    Path("mine.nas").write_text("param N = 2\n" + PDARTS)
    result = call("info", "darts:p_darts", "--genotypes", "mine.nas")
    assert result.exit_code == 1
    assert "error[E0512]: a file of genotypes declares nothing else" in result.stderr
    assert "mine.nas:1:1" in result.stderr
    with pytest.raises(NasdslError, match="E0512"):
        load("darts", genotypes="mine.nas")


def test_a_mistake_in_it_has_its_place_there(call: Call) -> None:
    Path("mine.nas").write_text(PDARTS.replace("dil_conv(5) }\n}", "dil_conv(7) }\n}"))
    result = call("info", "darts:p_darts", "--genotypes", "mine.nas")
    assert result.exit_code == 1
    assert "mine.nas:10:" in result.stderr
    assert "dil_conv(7)" in result.stderr


def test_code_is_written_and_runs_by_itself(call: Call, tmp_path: Path) -> None:
    result = call("code", "darts:darts_v2", "-p", "N=1", "-p", "C=4", "--taps", "--drop-path", "0.2", "-o", "net.py")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("net.py: ")
    script = (
        "import sys; sys.modules['nasdsl'] = None\n"
        "import torch, net\n"
        "logits, heads = net.Cifar10()(torch.zeros(2, 3, 32, 32))\n"
        "print(tuple(logits.shape), {name: tuple(head.shape) for name, head in heads.items()})"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout == "(2, 10) {'aux': (2, 10)}\n", done.stderr
    shown = call("code", "darts:darts_v2", "-p", "N=1", "-p", "C=4").stdout
    assert shown.startswith('"""The network `cifar10`.')
    assert "DropPath" not in shown


def test_code_of_a_runs_best_loads_its_weights(call: Call, tmp_path: Path) -> None:
    ran = call("evolve", "hierarchical", "--budget", "2", "--population", "2", "--epochs", "0.05", "-p", "C=4",
               "--drop-path", "0.2", "--workers", "1", "--name", "r")  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert call("code", "r", "--best", "-o", "best.py").exit_code == 0
    script = (
        "import sys; sys.modules['nasdsl'] = None\n"
        "import torch, best\n"
        "net = best.Search()\n"
        "net.load_state_dict(torch.load('runs/r/best.pt', weights_only=True))\n"
        "print(tuple(net.eval()(torch.zeros(2, 1, 14, 14)).shape))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout == "(2, 10)\n", done.stderr


def test_code_of_a_whole_space_is_refused(call: Call) -> None:
    result = call("code", "darts")
    assert result.exit_code == 2
    assert "which genotype of `darts`? For example `darts:0`" in result.stderr
