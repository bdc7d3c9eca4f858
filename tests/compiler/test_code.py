"""The code of built networks: readable, the same when it stands alone, and what it promises of names and memory."""

from __future__ import annotations

import copy
import subprocess
import sys
import traceback
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nasdsl import architecture, build, load, loads, network
from nasdsl.compiler.deploy import exported, folded
from nasdsl.compiler.module import DropPath, Network, set_drop_path
from nasdsl.diagnostics import NasdslError
from nasdsl.space.model import Genotype

HERE = Path(__file__).parent
SMALL = """
use vision (identity, sep_conv, max_pool, conv_bn, relu_conv_bn, classifier, avg_pool)

cell normal(prev2, prev1) {
  align ports always relu_conv_bn(1)
  node n[2] { from prev2, prev1; op one of [sep_conv(3), identity], max_pool(3) | avg_pool(3); merge add }
  out concat(n)
}
cell reduce = fresh normal(stride = 2)

net small {
  input image(3, 16, 16)
  stem  conv_bn(3, width = 8)
  stage (width = 8)  { repeat 2 { normal } }
  stage (width = 16) { reduce; tap aux classifier(10, weight = 0.4) }
  head  classifier(10)
}
"""


def built(genotype: Genotype, **options: Any) -> Network:
    return build(architecture(network(genotype)), seed=1, **options)


def small(rank: int = 0, **options: Any) -> Network:
    return built(loads(SMALL)[rank], **options)


def images() -> Tensor:
    return torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def test_the_code_is_as_a_person_writes_it() -> None:
    golden = HERE / "small_network.py.golden"
    assert str(small(taps=True, drop_path=0.1)) == golden.read_text()


def test_the_file_stands_alone(tmp_path: Path) -> None:
    """In a process that cannot import nasdsl it makes a network which loads the weights and computes the same."""
    for name, params in {"darts": {"N": 1, "C": 4}, "hierarchical": {"C": 4}, "nasnet": {"N": 1, "C": 4}}.items():
        made = built(load(name, params).sample(Random(0)), drop_path=0.0).eval()
        x = torch.randn(2, 3, 32, 32)
        (tmp_path / "found.py").write_text(made.code)
        torch.save({"state": made.state_dict(), "x": x, "y": made(x).detach()}, tmp_path / "kept.pt")
        script = f"""
import sys
sys.modules["nasdsl"] = None
import torch, found
kept = torch.load("kept.pt", weights_only=True)
net = found.{made.label.capitalize()}().eval()
net.load_state_dict(kept["state"])
assert torch.allclose(net(kept["x"]), kept["y"], atol=1e-6)
assert list(net.state_dict()) == list(kept["state"])
"""
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=120)


def test_names_of_parameters_are_paths_and_change_with_their_own_decision_only() -> None:
    space = loads(SMALL)
    first, second = space[0], space[space.size // 2]
    changed = [d.path for d, a, b in zip(space.decisions, first.values, second.values, strict=True) if a != b]
    assert changed == ["normal.n[0].op[0]"]
    one, other = (set(dict(built(genotype).named_parameters())) for genotype in (first, second))
    assert "stage0.normal1.n0.op0.dw_conv.weight" in one
    assert one - other == {name for name in one if ".normal" in name and ".n0.op0." in name}
    assert other < one


def test_what_keeps_nothing_is_computed_once_for_each_value() -> None:
    """Both nodes read ReLU of `prev2`, and the same pool of `prev1`."""
    code = small().get_submodule("stage0.normal1").written
    assert code.count("F.relu(prev2") == 2  # of what is aligned, and of the aligned
    assert code.count("F.max_pool2d(prev1, 3, 1, 1)") == 1
    # Edges that are dropped are dropped each by itself.
    assert small(drop_path=0.0).get_submodule("stage0.normal1").written.count("F.max_pool2d(prev1, 3, 1, 1)") == 2


def test_a_mistake_inside_shows_the_line() -> None:
    made = small()
    try:
        made(torch.randn(2, 4, 16, 16))
    except RuntimeError as mistake:
        shown = "".join(traceback.format_exception(mistake))
    assert "h = self.stem.conv(x)" in shown


def test_drop_path_drops_whole_edges_in_training_only() -> None:
    made, plain = small(drop_path=0.5), small()
    assert list(made.state_dict()) == list(plain.state_dict())
    x = images()
    assert made.eval()(x).equal(plain.eval()(x))
    set_drop_path(made, 0.0)
    assert made.train()(x).allclose(plain.train()(x))
    set_drop_path(made, 0.5)
    assert not made(x).equal(made(x))
    drop, ones = DropPath(0.25).train(), torch.ones(4000, 2, 3)
    kept = drop(ones)
    assert kept.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert all(len(sample.unique()) == 1 for sample in kept)
    assert float(kept.mean()) == pytest.approx(1.0, abs=0.05)
    # An identity is not dropped (DARTS): here the first edge of each node is one, and the second a pool.
    cell = small(-1, drop_path=0.5).get_submodule("stage0.normal1").written
    assert "+ op1" in cell
    assert "op0" not in cell


def test_folded_batch_norms_compute_the_same() -> None:
    made = small(taps=True).double()
    made(images().double())  # statistics that are not those of the start
    ready = folded(made)
    assert ready(images().double()).allclose(made.eval()(images().double()), atol=1e-12)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in ready.modules())
    assert any(isinstance(module, nn.BatchNorm2d) for module in made.modules())
    program = exported(made, images().double())
    assert program.module()(images().double()).allclose(made(images().double()), atol=1e-12)
    assert program.module()(images().double()[:1]).shape == (1, 10)
    assert "batch_norm" not in str(program.graph)
    assert "batch_norm" in str(exported(made, images().double(), fold=False).graph)


def test_copies_compile_and_compute_the_same() -> None:
    made = small().eval()
    twin = copy.deepcopy(made)
    assert twin(images()).equal(made(images()))
    assert str(twin) == str(made)
    compiled = torch.compile(made, backend="aot_eager", fullgraph=True)
    assert compiled(images()).allclose(made(images()), atol=1e-6)


RNN = """
use primitives (linear, tanh, relu, sigmoid, identity)
cell rnn(x, state h) {
  node s { from x, h; op linear; merge add; then tanh }
  node n { from s; op linear; then tanh | relu }
  out n
}
NET
"""
WORDS = "net words { input sequence(4, 5); stage (width = 8) { rnn; rnn } }"


def test_a_cell_with_a_state_runs_along_its_sequence() -> None:
    made = built(loads(RNN.replace("NET", WORDS))[0]).double()
    x = torch.randn(3, 4, 5, dtype=torch.float64)

    def by_hand(cell: nn.Module, x: Tensor) -> Tensor:
        state, out = torch.zeros(3, 8, dtype=torch.float64), []
        for i in range(x.shape[2]):
            s = (cell.s.op0.linear(x[:, :, i]) + cell.s.op1.linear(state)).tanh()
            state = cell.n.op0.linear(s).tanh()
            out.append(state)
        return torch.stack(out, 2)

    y = by_hand(made.stage0.rnn1, by_hand(made.stage0.rnn0, x))
    assert made(x).allclose(y, atol=1e-12)
    made(x).sum().backward()
    assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in made.parameters())
    assert sum(p.numel() for p in made.parameters()) == network(loads(RNN.replace("NET", WORDS))[0]).params
    program = torch.export.export(made.eval(), (x,))
    assert program.module()(x).allclose(y, atol=1e-12)


def test_a_file_of_one_such_cell_is_built_too() -> None:
    made = built(loads(RNN.replace("NET", ""))[0])
    assert made(torch.randn(2, 16, 32)).shape == (2, 16, 32)


def test_a_cell_may_name_its_parts_as_the_code_does() -> None:
    """Names that the generated text, or a network itself, uses: none is hidden, and none is refused."""
    text = """
    use primitives (linear, tanh)
    cell rnn(outputs, state label) {
      node len { from outputs, label; op linear; merge add; then tanh }
      node state_ { from len; op linear }
      node code { from state_; then tanh }
      node heads { from code; op linear }
      out heads
    }
    net written { input sequence(4, 5); stage plain (width = 8) { rnn; rnn } }
    """
    made = built(loads(text)[0])
    assert made(torch.randn(2, 4, 5)).shape == (2, 8, 5)
    names: dict[str, Any] = {"__name__": "alone"}
    exec(made.code, names)


def test_a_state_cell_that_reads_no_element_is_refused() -> None:
    text = "use primitives (tanh)\ncell rnn(x, state h) { node n { from h; op tanh }; out n }\n"
    with pytest.raises(NasdslError, match="E0617: `rnn` reads no element of its sequence"):
        built(loads(text)[0])
