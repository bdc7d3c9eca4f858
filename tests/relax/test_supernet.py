"""Laws of supernets: what is shared by decision and what by use, names, seeds, plans, gradients."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import torch
from torch import Tensor

import nasdsl
from nasdsl.compiler.inherit import mixing
from nasdsl.compiler.openlower import opened
from nasdsl.compiler.schedule import MOST_PLANS
from nasdsl.compiler.searchform import DARTS, SearchForm
from nasdsl.compiler.supernet import Supernet
from nasdsl.relax.architecture import architecture

from .equality import FORMS, difference, inputs, supernet
from .table import Space
from .test_mixed import dense

HEAD = "use vision (identity, none, sep_conv, max_pool, conv_bn, relu_conv_bn, classifier)\n"
CELL = """cell f(x) {
  node n[2] { from pick 1 of earlier; op one of [sep_conv(3), identity, max_pool(3)]; merge add }
  out last(n)
}
"""
NET = "net n { input image(3, 8); stem conv_bn(3, width = 4); stage (width = 4) { BODY }; head classifier(3) }\n"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def made(body: str, form: SearchForm = DARTS) -> Supernet:
    return supernet(nasdsl.loads(HEAD + CELL + NET.replace("BODY", body)), form)


def weights_of(net: Supernet, op: str) -> list[str]:
    return [name for name, _ in net.named_parameters() if f".{op}." in name]


# ---- sharing -----------------------------------------------------------------------------------


def test_uses_of_a_cell_share_its_decisions_and_not_its_weights() -> None:
    once, twice, fresh = made("f"), made("f; f"), made("f; fresh f")
    assert [t.name for t in once.tables] == [t.name for t in twice.tables]
    assert [t.shape for t in once.tables] == [t.shape for t in twice.tables] == [(3, 4)]
    assert (
        len(weights_of(twice, "dw_conv")) == 2 * len(weights_of(once, "dw_conv")) == len(weights_of(fresh, "dw_conv"))
    )
    assert [t.shape for t in fresh.tables] == [(3, 4), (3, 4)]
    assert len({t.name for t in fresh.tables}) == 2


def test_one_set_of_parameters_moves_both_uses() -> None:
    net = made("f; f").eval()
    given, weights = inputs(net.open), dense(net.open, 1)
    before = net(given, weights)
    ran = dict(net.calls)
    weights["f"][:, 1] = 0.0
    assert difference(net(given, weights), before) > 1e-6
    left = {path for path in ran if path not in net.calls}
    uses = {next(part for part in path.split(".") if part.startswith("f[")) for path in left}
    assert len(uses) == 2


def test_architecture_parameters_are_none_of_the_weights() -> None:
    net = made("f; f")
    alphas = architecture(net.open, torch.Generator().manual_seed(0))
    assert {name: tuple(alpha.shape) for name, alpha in alphas.items()} == {t.name: t.shape for t in net.tables}
    held = {id(p) for p in net.parameters()} | {id(b) for b in net.buffers()}
    assert not held & {id(alpha) for alpha in alphas.values()}


# ---- names and seeds ---------------------------------------------------------------------------


def test_names_are_paths() -> None:
    net = made("f; f")
    names = [name.removesuffix(".weight") for name, _ in net.named_parameters() if ".dw_conv" in name]
    assert names
    paths = {op.path.split(".")[-1] for op in net.open.network.ops}
    for name in names:
        assert name.startswith("stage0.")
        assert ".n0" in name or ".n1" in name
        assert any(name.endswith(path.replace("[", "").replace("]", "")) for path in paths)
    assert len(set(net.state_dict())) == len(net.state_dict())


def test_a_seed_gives_the_same_weights_and_leaves_no_trace() -> None:
    space = nasdsl.loads(HEAD + CELL + NET.replace("BODY", "f; f"))
    torch.manual_seed(7)
    state = torch.get_rng_state()
    one, same, other = (Supernet(opened(space), seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert one.state_dict().keys() == same.state_dict().keys()
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_weights_are_loaded_into_another_supernet() -> None:
    one, other = made("f; f"), made("f; f")
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.mul_(1.5)
    other.load_state_dict(one.state_dict())
    weights = dense(one.open, 3)
    assert difference(other.eval()(inputs(one.open), weights), one.eval()(inputs(one.open), weights)) == 0.0


# ---- plans -------------------------------------------------------------------------------------


def test_a_plan_is_made_once_for_what_runs() -> None:
    net = made("f").eval()
    given, plans = inputs(net.open), net.schedule.plans
    for seed in range(3):
        net(given, dense(net.open, seed))
    assert len(plans) == 1
    (plan,) = plans.values()
    net(given, dense(net.open, 9))
    assert next(iter(plans.values())) is plan


def test_plans_are_kept_for_a_bounded_number_of_paths() -> None:
    net = supernet(Space("nasbench201").space, DARTS, Space("nasbench201").binding).eval()
    given, rng, space = inputs(net.open), Random(0), net.open.space
    zero = torch.zeros((), dtype=torch.float64)
    for _ in range(MOST_PLANS + 20):
        net(given, mixing(net.open, space[rng.randrange(space.size)], zero))
    assert len(net.schedule.plans) <= MOST_PLANS


def test_only_what_has_weight_runs() -> None:
    net = made("f").eval()
    given, zero = inputs(net.open), torch.zeros((), dtype=torch.float64)
    space = net.open.space
    net(given, dense(net.open, 1))
    whole = sum(net.calls.values())
    counts = set()
    for genotype in space:
        net(given, mixing(net.open, genotype, zero))
        counts.add(sum(net.calls.values()))
    assert max(counts) < whole
    assert len(counts) > 1


# ---- gradients ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "form"), [("nasbench201", "darts"), ("enas_macro", "pc_darts"), ("goldnas", "plain")])
def test_gradients_of_mixing_weights_are_finite_differences(name: str, form: str) -> None:
    """Through the whole supernet, in training; float64, central differences."""
    at = Space(name)
    net = supernet(at.space, FORMS[form], at.binding).train()
    given, weights = inputs(net.open), dense(net.open, 2)

    def loss(of: dict[str, Tensor]) -> Tensor:
        outputs: Tensor = net(given, of)
        return outputs.square().mean()

    leaves = {key: w.clone().requires_grad_() for key, w in weights.items()}
    found = torch.autograd.grad(loss(leaves), list(leaves.values()), allow_unused=True, materialize_grads=True)
    rng, step = Random(0), 1e-6
    for (key, weight), gradient in zip(weights.items(), found, strict=True):
        for place in rng.sample(range(weight.numel()), min(4, weight.numel())):
            moved = []
            for by in (step, -step):
                other = {k: w.clone() for k, w in weights.items()}
                other[key].view(-1)[place] += by
                with torch.no_grad():
                    moved.append(loss(other).item())
            expected = (moved[0] - moved[1]) / (2 * step)
            assert gradient.view(-1)[place].item() == pytest.approx(expected, rel=1e-5, abs=1e-7)
