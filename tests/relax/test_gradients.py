"""Gradients of the architecture against finite differences, and beyond first order against exact ones."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

import nasdsl
from nasdsl.compiler.openlower import opened
from nasdsl.compiler.supernet import Supernet
from nasdsl.relax import hypergradient
from nasdsl.relax.search import Search
from tests.relax.toy import batch, begun, made, same, searched


@pytest.mark.parametrize("name", ["darts", "snas", "fair-darts", "merge-nas", "pc-darts", "p-darts"])
def test_the_gradient_of_the_architecture_is_that_of_finite_differences(
    name: str,
) -> None:
    """Through mixing, supernet and loss, with the draws repeated."""
    at = searched(edges=name == "pc-darts", scale=0.5, epoch=3)
    method = begun(name, at, **({"rest": 0} if name == "pc-darts" else {}))
    state = at.generator.get_state()

    def loss() -> torch.Tensor:
        at.generator.set_state(state)
        return method.objective(at, batch(1))

    found = torch.autograd.grad(loss(), method.alphas, allow_unused=True)
    for alpha, gradient in zip(method.alphas, found, strict=True):
        for place in range(0, alpha.numel(), 7):
            flat = alpha.data.view(-1)
            before, losses = flat[place].item(), []
            for step in (1e-6, -1e-6):
                flat[place] = before + step
                losses.append(loss().item())
            flat[place] = before
            expected = (losses[0] - losses[1]) / 2e-6
            actual = gradient.view(-1)[place].item() if gradient is not None else 0.0
            assert actual == pytest.approx(expected, abs=1e-8)


def test_the_second_order_gradient_is_the_exact_one() -> None:
    """Against automatic differentiation through the step, momentum and decay included."""
    at = searched(scale=0.5)
    method = begun("darts", at, order=2)
    made("darts").begin(at)
    for step in range(2):  # so that there is momentum
        at.weight_step(method.inner(at, batch(20 + step)))
    train, held = batch(1), batch(2)
    exact = exact_second_order(at, method, train, held)
    first, _ = begun("darts", at).gradient(at, train, held)
    before = [p.detach().clone() for p in (*at.supernet.parameters(), *at.supernet.buffers())]
    found, loss = method.gradient(at, train, held)
    assert all(
        torch.equal(a, b) for a, b in zip(before, (*at.supernet.parameters(), *at.supernet.buffers()), strict=True)
    )
    assert math.isfinite(loss)
    assert torch.allclose(found[0], exact, rtol=1e-3, atol=1e-7)
    assert not torch.allclose(found[0], first[0], rtol=1e-2, atol=1e-6)


def exact_second_order(at: Search, method: Any, train: Any, held: Any) -> torch.Tensor:
    (alpha,) = method.alphas
    names = [name for name, _ in at.supernet.named_parameters()]
    places = list(at.supernet.parameters())
    group = at.optimiser.param_groups[0]
    slope = torch.autograd.grad(method.inner(at, train), places, create_graph=True)
    moved = {}
    for name, parameter, gradient in zip(names, places, slope, strict=True):
        momentum = group["momentum"] * at.optimiser.state[parameter]["momentum_buffer"]
        moved[name] = parameter - group["lr"] * (momentum + gradient + group["weight_decay"] * parameter)
    logits = torch.func.functional_call(at.supernet, moved, (held[0], method.mixed(at)))
    return torch.autograd.grad(torch.nn.functional.cross_entropy(logits, held[1]), alpha)[0]


def test_the_amended_term_is_the_exact_product() -> None:
    """- eta * d2L/(da dw) * H * dL_held/dw, by differentiating twice, and not DARTS's term without H."""
    at = searched(scale=0.5)
    method = begun("amended", at, eta=0.1)
    (alpha,) = method.alphas
    train, held = batch(1), batch(2)
    places = list(at.supernet.parameters())
    held_loss = method.objective(at, held)
    direct, *vector = torch.autograd.grad(held_loss, [alpha, *places])
    slope = torch.autograd.grad(method.inner(at, train), places, create_graph=True)
    curved = torch.autograd.grad(slope, places, vector, retain_graph=True)
    (second,) = torch.autograd.grad(slope, alpha, curved)
    before = [p.detach().clone() for p in places]
    found, loss = method.gradient(at, train, held)
    assert same(before, places)
    assert loss == held_loss.item()
    assert torch.allclose(found[0], direct - 0.1 * second, rtol=1e-3, atol=1e-6)
    assert (0.1 * second).norm() > 1e-2 * direct.norm()


NODES = """use vision (identity, sep_conv, avg_pool, conv_bn, classifier)
cell normal(prev2, prev1) {
  node n[2] { from pick 2 of earlier; op one of [identity, sep_conv(3), avg_pool(3)]; merge add }
  out concat(n)
}
net toy {
  input image(3, 8, 8); stem conv_bn(3, width = 4); stage (width = 4) { normal; normal }
  head classifier(3)
}
"""


@pytest.mark.parametrize("name", ["darts", "amended"])
def test_second_derivatives_are_exact_on_a_real_supernet(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch norms and all, by a shorter difference than the paper's, which reaches over the kinks of ReLU."""
    monkeypatch.setattr(hypergradient, "STEP", 1e-6)
    at = searched()
    at.supernet = Supernet(opened(nasdsl.loads(NODES, net="toy")), seed=5, dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    shapes = {table.name: table.shape for table in at.supernet.tables}
    draw = {key: torch.randn(shape, generator=generator, dtype=torch.float64) for key, shape in shapes.items()}
    at.architecture = {key: torch.nn.Parameter(value / 100) for key, value in draw.items()}
    at.optimiser = torch.optim.SGD(at.supernet.parameters(), lr=0.025, momentum=0.9, weight_decay=3e-4)
    train, held = (
        (torch.randn(8, 3, 8, 8, generator=generator, dtype=torch.float64), torch.arange(8) % 3) for _ in range(2)
    )
    method = begun(name, at, **({"order": 2} if name == "darts" else {}))
    at.weight_step(method.inner(at, train))
    places = list(at.supernet.parameters())
    if name == "darts":
        exact = exact_second_order(at, method, train, held)
    else:
        direct, *vector = torch.autograd.grad(method.objective(at, held), [*method.alphas, *places])
        slope = torch.autograd.grad(method.inner(at, train), places, create_graph=True)
        curved = torch.autograd.grad(slope, places, vector, retain_graph=True)
        exact = direct - 0.1 * torch.autograd.grad(slope, method.alphas, curved)[0]
    state = {key: value.clone() for key, value in at.supernet.state_dict().items()}
    (found,), _ = method.gradient(at, train, held)
    assert torch.allclose(found, exact, rtol=1e-5, atol=1e-9)
    assert all(torch.equal(value, state[key]) for key, value in at.supernet.state_dict().items())
