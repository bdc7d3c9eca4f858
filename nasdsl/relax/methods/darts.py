"""DARTS, and the methods that differ from it in the gradient or the form of the supernet alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field
from torch import Tensor

from nasdsl.compiler.searchform import DARTS, SearchForm
from nasdsl.relax import hypergradient, mixing
from nasdsl.relax.differentiable import Differentiable
from nasdsl.relax.method import ArchSettings, Batch, Settings
from nasdsl.relax.mixing import Weights

if TYPE_CHECKING:
    from nasdsl.relax.search import Search


class Softmax(Differentiable):
    """A softmax over each row, the architecture trained by held-out images: what the DARTS family has in common."""

    def mixed(self, search: Search) -> Weights:
        return mixing.mix(search.supernet.tables, search.architecture, lambda table, alpha: mixing.softmax(alpha))

    def inner(self, search: Search, train: Batch) -> Tensor:
        """The loss that trains the weights, as it depends on weights and architecture."""
        images, labels = train
        return search.loss(search.forward(images, self.mixed(search)), labels)


class DartsSettings(ArchSettings):
    """`order`: 1 takes the weights as constant, 2 looks one of their steps ahead."""

    order: Literal[1, 2] = 1


class Darts(Softmax):
    """First order: the gradient of the held-out loss. Second order: that of the loss after a step of the weights."""

    name = "darts"
    summary = "softmax over the alternatives, architecture and weights trained in turn"
    paper = "Liu, Simonyan, Yang: DARTS: Differentiable Architecture Search, ICLR 2019, sections 2.2 and 2.3"
    Settings: ClassVar[type[Settings]] = DartsSettings
    settings: DartsSettings

    def gradient(self, search: Search, train: Batch, held: Batch) -> tuple[list[Tensor], float]:
        if self.settings.order == 1:
            return super().gradient(search, train, held)
        losses = partial(self.inner, search, train), partial(self.objective, search, held)
        return hypergradient.unrolled(search, self.alphas, *losses)


class AmendedSettings(ArchSettings):
    """`eta` is the amending coefficient."""

    eta: float = Field(default=0.1, ge=0, le=100)


class Amended(Softmax):
    """DARTS whose second-order term is computed with the Hessian of the training loss, at the weights as they are."""

    name = "amended"
    summary = "DARTS with a second-order term that points the right way"
    paper = "Bi et al.: Stabilizing DARTS with Amended Gradient Estimation, 2019, section 3"
    Settings: ClassVar[type[Settings]] = AmendedSettings
    settings: AmendedSettings

    def gradient(self, search: Search, train: Batch, held: Batch) -> tuple[list[Tensor], float]:
        losses = partial(self.inner, search, train), partial(self.objective, search, held)
        return hypergradient.amended(search, self.alphas, *losses, self.settings.eta)


class MergeNas(Softmax):
    """DARTS on a supernet whose candidates of one kind share the largest weight: their kernels are added up."""

    name = "merge-nas"
    summary = "DARTS whose candidates of one kind share one weight"
    paper = "Wang et al.: MergeNAS: Merge Operations into One for Differentiable Architecture Search, IJCAI 2020, 3"
    form: ClassVar[SearchForm] = replace(DARTS, merged=True)


class PcDartsSettings(ArchSettings):
    """Section 4.2 of the paper: Adam at 6e-4, the architecture rests for 15 of 50 epochs."""

    lr: float = Field(default=6e-4, gt=0, le=10)
    rest: int = Field(default=15, ge=0, le=49)


class PcDarts(Softmax):
    """A quarter of the channels pass the candidates, and every edge of a node has a weight of its own."""

    name = "pc-darts"
    summary = "DARTS on a quarter of the channels, with weights of edges"
    paper = "Xu et al.: PC-DARTS: Partial Channel Connections, ICLR 2020, sections 3.2, 3.3 and 4.2"
    form: ClassVar[SearchForm] = replace(DARTS, partial=4, edges=True)
    Settings: ClassVar[type[Settings]] = PcDartsSettings
