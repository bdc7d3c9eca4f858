"""What a method works on while it searches: the supernet, the architecture parameters and what trains the weights."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from nasdsl.diagnostics import InternalError
from nasdsl.evolve.train import DivergedError

if TYPE_CHECKING:
    from nasdsl.compiler.supernet import Supernet
    from nasdsl.relax.resource import Resource


@dataclass(frozen=True, slots=True)
class Cosine:
    """A learning rate that falls over the epochs from `highest` to `least` in half a cosine (DARTS, section A.1)."""

    highest: float = 0.025
    least: float = 0.001
    epochs: int = 50

    def rate(self, epoch: int) -> float:
        """The rate of an epoch, counted from 0."""
        return self.least + (self.highest - self.least) * 0.5 * (1 + math.cos(math.pi * epoch / self.epochs))


@dataclass
class Search:
    """One search under way. Weights are trained by `optimiser`; what trains `architecture` is the method's own.

    `epoch` counts from 0. `generator` lives on the CPU and serves the method alone, as `rng` does; the order of the
    images has generators of its own. Every method here raises `DivergedError` where a number is not finite.
    """

    supernet: Supernet
    architecture: dict[str, nn.Parameter]
    optimiser: torch.optim.Optimizer
    schedule: Cosine
    generator: torch.Generator
    rng: random.Random
    epoch: int = 0
    epochs: int = 50
    resource: Resource | None = None
    clip: float = 5.0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    judge: Callable[[Mapping[str, Tensor]], float] | None = None

    def score(self, weights: Mapping[str, Tensor]) -> float:
        """The accuracy of mixing weights on held-out images, in 0..1, by `judge`."""
        if self.judge is None:
            raise InternalError("this search has no held-out images to judge by")
        return self.judge(weights)

    def forward(
        self, images: Tensor, weights: Mapping[str, Tensor], active: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Logits (batch, classes) of images (batch, channels, height, width) under mixing weights."""
        logits: Tensor = self.supernet(images, weights, active)
        return logits

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Cross entropy, a scalar, of logits (batch, classes) and labels (batch,)."""
        if not bool(torch.isfinite(logits.detach()).all()):
            raise DivergedError("the outputs of the supernet are not finite")
        return functional.cross_entropy(logits, labels)

    def weight_step(self, loss: Tensor) -> None:
        """One step of the weights' optimiser down a loss; the norm of all gradients together is clipped first."""
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norm = nn.utils.clip_grad_norm_(self.supernet.parameters(), self.clip)
        if not math.isfinite(norm.item()):
            raise DivergedError(f"the norm of the gradients of the weights is {norm.item()}")
        self.optimiser.step()

    def begin_epoch(self, epoch: int) -> None:
        """Sets the number of the epoch and its learning rate."""
        self.epoch = epoch
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate(epoch)

    def check(self) -> None:
        """Raises `DivergedError` where an architecture parameter is not finite."""
        for name, parameter in self.architecture.items():
            if not bool(torch.isfinite(parameter.detach()).all()):
                raise DivergedError(f"the architecture parameters of `{name}` are not finite")

    def check_weights(self) -> None:
        """Raises `DivergedError` where a weight or a statistic of a batch norm is not finite."""
        for name, value in self.supernet.state_dict().items():
            if value.is_floating_point() and not bool(torch.isfinite(value).all()):
                raise DivergedError(f"the weights of `{name}` are not finite")

    def state_dict(self) -> dict[str, Any]:
        """Everything here that training changes, as tensors and plain values."""
        return {
            "supernet": self.supernet.state_dict(),
            "architecture": {name: parameter.detach() for name, parameter in self.architecture.items()},
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
            "rng": self.rng.getstate(),
            "epoch": self.epoch,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """What `state_dict` gave, into a search that was made in the same way."""
        self.supernet.load_state_dict(state["supernet"])
        held = state["architecture"]
        if held.keys() != self.architecture.keys():
            raise ValueError(f"architecture parameters {sorted(held)} are not {sorted(self.architecture)}")
        with torch.no_grad():
            for name, parameter in self.architecture.items():
                if parameter.shape != held[name].shape:
                    raise ValueError(f"the architecture parameters of `{name}` have another shape")
                parameter.copy_(held[name])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"].cpu())
        version, internal, gauss = state["rng"]
        self.rng.setstate((version, tuple(internal), gauss))
        self.epoch = state["epoch"]
