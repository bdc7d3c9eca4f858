"""Gradients of the architecture beyond first order: how the held-out loss changes as the weights follow it.

`alphas` are the architecture parameters, `train` and `held` give the two losses as weights and architecture stand.
Every function leaves the weights and the buffers of the supernet exactly as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from nasdsl.relax.search import Search

Loss = Callable[[], Tensor]
STEP = 0.01
"""The length of a finite difference (DARTS, section 2.3, footnote 2)."""


def gradients(loss: Tensor, of: Sequence[Tensor]) -> list[Tensor]:
    """The gradient of a loss with respect to each tensor, zeros where it does not depend on one."""
    if not loss.requires_grad:
        return [torch.zeros_like(each) for each in of]
    found = torch.autograd.grad(loss, list(of), allow_unused=True)
    return [torch.zeros_like(each) if grad is None else grad for each, grad in zip(of, found, strict=True)]


@contextmanager
def restored(module: nn.Module) -> Iterator[None]:
    """After it all parameters and buffers are exactly what they were before."""
    places = [*module.parameters(), *module.buffers()]
    before = [each.detach().clone() for each in places]
    try:
        yield
    finally:
        with torch.no_grad():
            for each, value in zip(places, before, strict=True):
                each.copy_(value)


@contextmanager
def moved(module: nn.Module, direction: Sequence[Tensor], by: float) -> Iterator[None]:
    """Within it the parameters are `by` times `direction` away; then they and all buffers are what they were."""
    with restored(module):
        with torch.no_grad():
            for parameter, way in zip(module.parameters(), direction, strict=True):
                parameter.add_(way, alpha=by)
        yield


def norm(vectors: Sequence[Tensor]) -> float:
    """The Euclidean norm of all of them together."""
    return torch.stack([each.detach().norm() for each in vectors]).norm().item() if vectors else 0.0


def along(module: nn.Module, direction: Sequence[Tensor], loss: Loss, of: Sequence[Tensor]) -> list[Tensor]:
    """How the gradient of `loss` with respect to `of` changes along a direction of the weights, per unit of it.

    The central difference of two points `STEP` away (DARTS, equation 8): the product of a matrix of second derivatives
    and a vector, without the matrix.
    """
    length = norm(direction)
    if length == 0:
        return [torch.zeros_like(each) for each in of]
    epsilon = STEP / length
    with moved(module, direction, epsilon):
        ahead = gradients(loss(), of)
    with moved(module, direction, -epsilon):
        behind = gradients(loss(), of)
    return [(a - b) / (2 * epsilon) for a, b in zip(ahead, behind, strict=True)]


def unrolled(search: Search, alphas: Sequence[Tensor], train: Loss, held: Loss) -> tuple[list[Tensor], float]:
    """The gradient of the held-out loss after one step of the weights, and that loss (DARTS, equation 7).

    The step is the one that the weights' optimiser would take, with its momentum and decay (DARTS, section 2.3).
    """
    module = search.supernet
    parameters = list(module.parameters())
    with restored(module):
        slope = gradients(train(), parameters)
    step, rates = virtual_step(search.optimiser, parameters, slope)
    with moved(module, step, -1.0):
        loss = held()
        found = gradients(loss, [*alphas, *parameters])
    direct, vector = found[: len(alphas)], found[len(alphas) :]
    highest = max(rates, default=0.0)
    if highest == 0:
        return direct, loss.item()
    scaled = [each * (rate / highest) for each, rate in zip(vector, rates, strict=True)]
    implicit = along(module, scaled, train, alphas)
    return [d - highest * i for d, i in zip(direct, implicit, strict=True)], loss.item()


def virtual_step(
    optimiser: torch.optim.Optimizer, parameters: Sequence[Tensor], slope: Sequence[Tensor]
) -> tuple[list[Tensor], list[float]]:
    """What SGD would subtract from each parameter at these gradients, and its learning rate. Nothing is changed."""
    groups = {id(parameter): group for group in optimiser.param_groups for parameter in group["params"]}
    steps, rates = [], []
    for parameter, gradient in zip(parameters, slope, strict=True):
        group = groups[id(parameter)]
        ahead = gradient + group["weight_decay"] * parameter.detach()
        if group["momentum"]:
            buffer = optimiser.state.get(parameter, {}).get("momentum_buffer")
            momentum = ahead if buffer is None else group["momentum"] * buffer + ahead
            ahead = ahead + group["momentum"] * momentum if group["nesterov"] else momentum
        steps.append(group["lr"] * ahead)
        rates.append(float(group["lr"]))
    return steps, rates


def amended(
    search: Search, alphas: Sequence[Tensor], train: Loss, held: Loss, eta: float
) -> tuple[list[Tensor], float]:
    """The held-out gradient with the amended second term of Bi et al. (2019, section 3), and that loss.

    At the best weights of an architecture the second term holds the inverse of the Hessian of the training loss. The
    Hessian itself, times `eta`, stands in its place: its product with the true term is never negative. That makes it
    - eta * d2L_train/(dalpha dw) * H * dL_held/dw, with two finite differences one after the other.
    """
    module = search.supernet
    parameters = list(module.parameters())
    with restored(module):
        loss = held()
        found = gradients(loss, [*alphas, *parameters])
    direct, vector = found[: len(alphas)], found[len(alphas) :]
    curved = along(module, vector, train, parameters)
    second = along(module, curved, train, alphas)
    return [d - eta * s for d, s in zip(direct, second, strict=True)], loss.item()
