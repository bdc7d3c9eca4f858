"""Methods that descend a gradient of the architecture parameters: two levels or one, whatever the mixture."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from nasdsl.relax.hypergradient import gradients
from nasdsl.relax.method import ArchSettings, Batch, Losses, Method, Settings
from nasdsl.relax.mixing import Weights
from nasdsl.relax.rules import architecture_step, resource_term, right, weight_step

if TYPE_CHECKING:
    from nasdsl.relax.search import Search


class Parts(NamedTuple):
    """A loss that trains the architecture, the cross entropy in it, and how many images are classified right."""

    aim: Tensor
    loss: Tensor
    right: int


class Differentiable(Method):
    """A method with an optimiser of its own for the architecture parameters, Adam unless it says otherwise.

    A subclass gives `mixed`, the weights of one step. The rule is that of DARTS (algorithm 1): first the architecture,
    by held-out images, then the weights, by training images. `one_level` trains both by training images, at once.
    """

    Settings: ClassVar[type[Settings]] = ArchSettings
    settings: ArchSettings

    @abstractmethod
    def mixed(self, search: Search) -> Weights:
        """The mixing weights of one step, drawn anew where chance has a part in them, with their gradient."""

    def weights(self, search: Search) -> Weights:
        """The mixture without chance; of a subclass whose `mixed` draws it is another one."""
        with torch.no_grad():
            return self.mixed(search)

    def penalty(self, search: Search, weights: Mapping[str, Tensor]) -> Tensor | float:
        """What is added to the loss that trains the architecture."""
        return resource_term(search, weights)

    def begin(self, search: Search) -> None:
        self.alphas = list(search.architecture.values())
        self.optimiser = self.settings.adam(self.alphas)

    def objective(self, search: Search, batch: Batch) -> Tensor:
        """The loss that trains the architecture."""
        return self.parts(search, batch).aim

    def parts(self, search: Search, batch: Batch) -> Parts:
        """The same, with what it is made of."""
        images, labels = batch
        weights = self.mixed(search)
        logits = search.forward(images, weights)
        loss = search.loss(logits, labels)
        return Parts(loss + self.penalty(search, weights), loss, right(logits, labels))

    def gradient(self, search: Search, train: Batch, held: Batch) -> tuple[list[Tensor], float]:
        """The gradient for each of `alphas`, and the held-out loss; of first order here."""
        loss = self.objective(search, held)
        return gradients(loss, self.alphas), loss.item()

    def resting(self, search: Search) -> bool:
        """Whether the architecture rests in this epoch."""
        return self.settings.resting(search.epoch, search.epochs)

    def stepped(self, search: Search) -> None:
        """After each step of the architecture."""
        return

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        if self.one_level:
            return self._together(search, train)
        loss = None
        if not self.resting(search):
            found, loss = self.gradient(search, train, held)
            architecture_step(self.optimiser, self.alphas, found)
            self.stepped(search)
        with torch.no_grad():
            weights = self.mixed(search)
        done = weight_step(search, weights, train)
        return Losses(done.train, loss, done.right, done.seen)

    def _together(self, search: Search, train: Batch) -> Losses:
        aim, loss, correct = self.parts(search, train)
        self.optimiser.zero_grad(set_to_none=True)
        search.weight_step(aim)
        if self.resting(search):
            self.optimiser.zero_grad(set_to_none=True)
        else:
            self.optimiser.step()
            self.stepped(search)
        return Losses(loss.item(), None, correct, len(train[1]))

    def state_dict(self) -> dict[str, Any]:
        return {"optimiser": self.optimiser.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.optimiser.load_state_dict(state["optimiser"])
