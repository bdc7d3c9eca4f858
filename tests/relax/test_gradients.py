"""Gradients of the architecture against finite differences, and beyond first order against exact ones."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

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
