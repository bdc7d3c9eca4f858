"""Methods whose mixture is drawn in every step, from distributions that the architecture parameters describe."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from nasdsl.compiler.tables import Table
from nasdsl.relax import mixing
from nasdsl.relax.differentiable import Differentiable
from nasdsl.relax.method import ArchSettings, Settings
from nasdsl.relax.mixing import Weights

if TYPE_CHECKING:
    from torch import Tensor

    from nasdsl.relax.search import Search

NO_ORDER = "its draws are row by row, and a permutation is drawn as a whole"


class TemperatureSettings(ArchSettings):
    """`hot` is the temperature of the first epoch, `cold` that of the last."""

    hot: float = Field(default=1.0, gt=0, le=1000)
    cold: float = Field(default=0.03, gt=0, le=1000)


class Snas(Differentiable):
    """A concrete sample per row, weights and architecture trained by one loss of the same images.

    The temperature falls from 1 to 0.03, by the same factor every epoch. Orders are Gumbel-Sinkhorn samples.
    """

    name = "snas"
    summary = "concrete samples that grow cold, one level"
    paper = "Xie et al.: SNAS: Stochastic Neural Architecture Search, ICLR 2019, sections 2.2 and 2.3"
    one_level = True
    Settings: ClassVar[type[Settings]] = TemperatureSettings
    settings: TemperatureSettings

    def temperature(self, search: Search) -> float:
        """That of this epoch."""
        share = search.epoch / max(1, search.epochs - 1)
        return self.settings.hot * float((self.settings.cold / self.settings.hot) ** share)

    def mixed(self, search: Search) -> Weights:
        temperature, generator = self.temperature(search), search.generator
        return mixing.mix(
            search.supernet.tables,
            search.architecture,
            lambda table, alpha: mixing.concrete(alpha, temperature, generator),
            partial(mixing.gumbel_sinkhorn, temperature=temperature, generator=generator),
        )

    def weights(self, search: Search) -> Weights:
        """The probabilities of the alternatives."""
        return probabilities(search)


class GdasSettings(TemperatureSettings):
    """Section 4.1 of the paper: the temperature falls from 10 to 0.1."""

    hot: float = Field(default=10.0, gt=0, le=1000)
    cold: float = Field(default=0.1, gt=0, le=1000)


class Gdas(Differentiable):
    """One alternative per row in the forward pass, drawn by its probability; the gradient is that of a soft sample.

    The temperature falls from 10 to 0.1 in a straight line.
    """

    name = "gdas"
    summary = "one drawn alternative of each decision in the forward pass"
    paper = "Dong, Yang: Searching for a Robust Neural Architecture in Four GPU Hours, CVPR 2019, sections 3.2 and 4.1"
    refuses: ClassVar = {"order": NO_ORDER}
    Settings: ClassVar[type[Settings]] = GdasSettings
    settings: GdasSettings

    def temperature(self, search: Search) -> float:
        """That of this epoch."""
        share = search.epoch / max(1, search.epochs - 1)
        return self.settings.hot + (self.settings.cold - self.settings.hot) * share

    def mixed(self, search: Search) -> Weights:
        def rule(table: Table, alpha: Tensor) -> Tensor:
            return mixing.hard_gumbel(alpha, self.temperature(search), search.generator)

        return mixing.mix(search.supernet.tables, search.architecture, rule)

    def weights(self, search: Search) -> Weights:
        """The probabilities of the alternatives."""
        return probabilities(search)


class DrNasSettings(ArchSettings):
    """Adam at 6e-4, as in the authors' search on the space of DARTS.

    Its weight decay is the distance to the anchor that section 3 adds to the loss.
    """

    lr: float = Field(default=6e-4, gt=0, le=10)


class DrNas(Differentiable):
    """The weights of a row are a Dirichlet sample; without the progressive learning of the same section."""

    name = "drnas"
    summary = "Dirichlet samples in place of a softmax"
    paper = "Chen et al.: DrNAS: Dirichlet Neural Architecture Search, ICLR 2021, section 3"
    refuses: ClassVar = {"order": NO_ORDER}
    Settings: ClassVar[type[Settings]] = DrNasSettings

    def mixed(self, search: Search) -> Weights:
        def rule(table: Table, alpha: Tensor) -> Tensor:
            return mixing.dirichlet(alpha, search.generator)

        return mixing.mix(search.supernet.tables, search.architecture, rule)

    def weights(self, search: Search) -> Weights:
        """The means of the distributions."""

        def mean(table: Table, alpha: Tensor) -> Tensor:
            concentration = mixing.concentration(alpha)
            return concentration / concentration.sum(-1, keepdim=True)

        return mixing.detached(mixing.mix(search.supernet.tables, search.architecture, mean))


def probabilities(search: Search) -> Weights:
    """The softmax of each row, without chance."""
    rule = mixing.mix(search.supernet.tables, search.architecture, lambda table, alpha: mixing.softmax(alpha))
    return mixing.detached(rule)
