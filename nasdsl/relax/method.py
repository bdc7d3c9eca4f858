"""What a method of relaxation is: how parameters mix, what trains in a step, and how weights turn into a genotype."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from nasdsl.compiler.discretise import genotype
from nasdsl.compiler.searchform import DARTS, SearchForm
from nasdsl.diagnostics import Diagnostic, NasdslError, did_you_mean, error
from nasdsl.relax.mixing import EDGES, Weights

if TYPE_CHECKING:
    from nasdsl.compiler.openlower import OpenNetwork
    from nasdsl.compiler.tables import RowKind
    from nasdsl.relax.search import Search
    from nasdsl.space.genotype import Genotype

Batch = tuple[Tensor, Tensor]
"""Images (batch, channels, height, width) and labels (batch,)."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What a step came to: the mean cross entropy, and of how many training images how many were classified right.

    `held` is what the architecture was trained on in this step, with all that is added to the cross entropy; None
    where it was not trained, or not on held-out images.
    """

    train: float
    held: float | None
    right: int
    seen: int


class Settings(BaseModel):
    """The settings of a method. Defaults are those of its paper."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ArchSettings(Settings):
    """Adam for the architecture parameters (DARTS, section 3.1 and A.1), and how long they rest at the beginning.

    `rest` is a number of epochs. Of a search of fewer than 50 it is the same share, so that some are left to train in.
    """

    lr: float = Field(default=3e-4, gt=0, le=10)
    beta1: float = Field(default=0.5, ge=0, lt=1)
    beta2: float = Field(default=0.999, ge=0, lt=1)
    weight_decay: float = Field(default=1e-3, ge=0, le=1)
    rest: int = Field(default=0, ge=0, le=49)

    def resting(self, epoch: int, epochs: int) -> bool:
        """Whether the architecture rests in an epoch, counted from 0, of so many."""
        return epoch < min(self.rest, self.rest * epochs // 50)

    def adam(self, parameters: Sequence[Tensor]) -> torch.optim.Adam:
        """The optimiser of the architecture."""
        betas = (self.beta1, self.beta2)
        return torch.optim.Adam(list(parameters), lr=self.lr, betas=betas, weight_decay=self.weight_decay)


class Method(ABC):
    """One method. `begin` comes first, also before a resume: what was kept is then loaded over what it made.

    `one_level` says that held-out images train nothing: weights and architecture are trained by the same images, or the
    weights alone are trained. `refuses` are the kinds of rows that it cannot relax, and why.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    paper: ClassVar[str]
    form: ClassVar[SearchForm] = DARTS
    one_level: ClassVar[bool] = False
    refuses: ClassVar[Mapping[RowKind, str]] = {}
    Settings: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Any = None) -> None:
        self.settings: Any = settings if settings is not None else self.Settings()

    def check(self, open: OpenNetwork) -> None:  # noqa: A002
        """Raises E0901 for every decision that this method cannot relax, E0908 where there is no decision at all."""
        check(self, open)

    def params(self, epoch: int, epochs: int) -> Mapping[str, int | float]:
        """Parameters of the space in an epoch, beside those the user gave.

        Where they change, the space is loaded with them and a new supernet begins; the architecture parameters must be
        the same rows.
        """
        return {}

    def begin(self, search: Search) -> None:
        """Before the first epoch, and before a resume."""
        return

    def begin_epoch(self, search: Search, epoch: int) -> None:
        """Before each epoch, counted from 0."""
        return

    @abstractmethod
    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        """One step of the weights, the architecture or both."""

    @abstractmethod
    def weights(self, search: Search) -> Weights:
        """The mixing weights as they stand, without chance: {table: (rows, columns)}, and (rows,) of edges."""

    def watched(self, search: Search) -> Sequence[Weights]:
        """Paths that show how far the weights are, where the mixture itself is never trained; none elsewhere."""
        return ()

    def finished(self, search: Search, epoch: int) -> str | None:
        """Asked once after each epoch: a reason to stop before the end."""
        return None

    def genotype(self, search: Search) -> Genotype:
        """The genotype that the weights stand for."""
        return discretised(search, self.weights(search))

    def state_dict(self) -> dict[str, Any]:
        """What an exact resume needs beside the search itself: tensors and plain values."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """What `state_dict` gave."""
        if state:
            raise ValueError(f"`{self.name}` keeps no {', '.join(state)}")


def discretised(search: Search, weights: Weights) -> Genotype:
    """The genotype of mixing weights, a valid one of the space; edge weights count where there are any."""
    open_network = search.supernet.open
    rows = {table.name: weights[table.name].tolist() for table in open_network.tables}
    edges = {name.removesuffix(EDGES): value.tolist() for name, value in weights.items() if name.endswith(EDGES)}
    return genotype(open_network.space, open_network.rows, rows, edges=edges or None)


def check(method: Method, open_network: OpenNetwork) -> None:
    """E0901 for each decision of a kind that `method` refuses, with the methods that can relax all of the space.

    E0908 for a space that decides nothing.
    """
    if not open_network.tables:
        raise error(
            "E0908", f"`{open_network.space.name}` decides nothing, so there is nothing to relax",
            helps=("-p NAME=VALUE or another --net may open decisions",),
        )  # fmt: skip
    from nasdsl.relax.methods import METHODS  # each of them is a class of this module

    kinds = {row.kind for table in open_network.tables for row in table.rows}
    able = [name for name, other in METHODS.items() if not kinds & set(other.refuses)]
    paths = {row.path: row.kind for table in open_network.tables for row in table.rows if row.kind in method.refuses}
    spans = {path: decision.span for path, decision in open_network.decisions.items()}
    if paths:
        raise NasdslError(
            Diagnostic(
                "E0901",
                f"`{method.name}` cannot relax `{path}`",
                spans.get(path),
                notes=(method.refuses[kind],),
                helps=(*(f"--method {name}" for name in able[:1]), f"able are {', '.join(able)}"),
            )
            for path, kind in paths.items()
        )


def known(name: str, methods: Mapping[str, type[Method]]) -> type[Method]:
    """The method of a name; E0906 where there is none."""
    if name not in methods:
        raise error(
            "E0906", f"there is no method `{name}`", helps=did_you_mean(name, methods), notes=(", ".join(methods),)
        )
    return methods[name]
