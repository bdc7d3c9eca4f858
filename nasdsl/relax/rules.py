"""What trains in one step: the rules that the methods share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from nasdsl.evolve.train import DivergedError
from nasdsl.relax.method import Batch, Losses
from nasdsl.relax.mixing import Weights, detached

if TYPE_CHECKING:
    from nasdsl.relax.search import Search


def weight_step(search: Search, weights: Mapping[str, Tensor], train: Batch) -> Losses:
    """One step of the weights on a batch, under mixing weights that stand still."""
    images, labels = train
    logits = search.forward(images, detached(weights))
    loss = search.loss(logits, labels)
    search.weight_step(loss)
    return Losses(loss.item(), None, right(logits, labels), len(labels))


def accumulated_step(search: Search, paths: Iterable[Mapping[str, Tensor]], train: Batch) -> Losses:
    """One step of the weights by the sum of the gradients of several mixtures, one pass after the other."""
    images, labels = train
    search.optimiser.zero_grad(set_to_none=True)
    losses, rights = [], []
    for weights in paths:
        logits = search.forward(images, weights)
        loss = search.loss(logits, labels)
        torch.autograd.backward(loss)
        losses.append(loss.item())
        rights.append(right(logits, labels))
    clipped = nn.utils.clip_grad_norm_(search.supernet.parameters(), search.clip)
    if not math.isfinite(clipped.item()):
        raise DivergedError(f"the norm of the gradients of the weights is {clipped.item()}")
    search.optimiser.step()
    return Losses(sum(losses) / len(losses), None, sum(rights), len(labels) * len(rights))


def architecture_step(optimiser: torch.optim.Optimizer, alphas: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
    """One step of the architecture parameters by gradients computed elsewhere."""
    for alpha, gradient in zip(alphas, gradients, strict=True):
        alpha.grad = gradient
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def resource_term(search: Search, weights: Mapping[str, Tensor]) -> Tensor | float:
    """What the search adds to a loss that trains the architecture for what its mixture costs; 0 without a resource."""
    return search.resource.term(search.supernet, weights) if search.resource is not None else 0.0


def right(logits: Tensor, labels: Tensor) -> int:
    """How many images are classified right."""
    return int((logits.detach().argmax(1) == labels).sum())


def copied(weights: Weights) -> Weights:
    """Weights that may be changed in place."""
    return {name: value.detach().clone() for name, value in weights.items()}
