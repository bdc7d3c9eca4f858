"""NASP: one alternative in the forward pass, parameters in a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from nasdsl.relax import mixing
from nasdsl.relax.differentiable import Differentiable
from nasdsl.relax.method import ArchSettings, Settings, discretised
from nasdsl.relax.mixing import Weights

if TYPE_CHECKING:
    from nasdsl.compiler.tables import Table
    from nasdsl.relax.search import Search
    from nasdsl.space.genotype import Genotype

START, ABSENT_START = 0.5, 0.4


class NaspSettings(ArchSettings):
    """No weight decay: Adam would drive what did not run, and has no other gradient, down at its full rate."""

    weight_decay: float = Field(default=0.0, ge=0, le=1)


class Nasp(Differentiable):
    """The gradient is taken at the nearest one-hot vector, the step in the box [0, 1] (algorithm 2 of the paper).

    Parameters begin at one half, as in the authors' code. `absent` begins a little lower: an edge that is absent gets
    no gradient, and would never be anything else.
    """

    name = "nasp"
    summary = "proximal steps: the best alternative alone in the forward pass"
    paper = "Yao et al.: Efficient Neural Architecture Search via Proximal Iterations, AAAI 2020, section 3"
    Settings: ClassVar[type[Settings]] = NaspSettings
    refuses: ClassVar = {"order": "the best item of each node by itself is no permutation"}

    def begin(self, search: Search) -> None:
        super().begin(search)
        with torch.no_grad():
            for table in search.supernet.tables:
                alpha = search.architecture[table.name]
                first = mixing.absents(table).to(alpha.device)
                alpha.add_(START)
                alpha[first, 0] += ABSENT_START - START

    def mixed(self, search: Search) -> Weights:
        def rule(table: Table, alpha: Tensor) -> Tensor:
            return mixing.proximal(alpha)

        return mixing.mix(search.supernet.tables, search.architecture, rule)

    def stepped(self, search: Search) -> None:
        with torch.no_grad():
            for table in search.supernet.tables:
                search.architecture[table.name].clamp_(0, 1)

    def genotype(self, search: Search) -> Genotype:
        """By the relaxed parameters: of one-hot vectors all edges would be equally strong."""
        return discretised(search, mixing.detached(search.architecture))
