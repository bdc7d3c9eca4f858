"""Methods whose alternatives are gates by themselves: they do not compete within a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from nasdsl.diagnostics import error
from nasdsl.relax import mixing
from nasdsl.relax.differentiable import Differentiable
from nasdsl.relax.method import ArchSettings, Settings
from nasdsl.relax.mixing import Weights
from nasdsl.relax.rules import resource_term

if TYPE_CHECKING:
    from nasdsl.compiler.tables import RowKind, Table
    from nasdsl.relax.search import Search

REFUSED: Mapping[RowKind, str] = {
    "order": "its gates let several items be dealt to one node, or none",
    "depth": "its gates let a repetition have several depths at once, or none",
}


class FairDartsSettings(ArchSettings):
    """`zero_one` is the weight of the zero-one loss (10 in the paper)."""

    zero_one: float = Field(default=10.0, ge=0, le=1e6)


class FairDarts(Differentiable):
    """Every alternative has a sigmoid of its own, and the zero-one loss drives each to one of its ends."""

    name = "fair-darts"
    summary = "a sigmoid gate for each alternative, driven to 0 or 1"
    paper = "Chu et al.: Fair DARTS: Eliminating Unfair Advantages, ECCV 2020, section 4"
    refuses: ClassVar = REFUSED
    Settings: ClassVar[type[Settings]] = FairDartsSettings
    settings: FairDartsSettings

    def mixed(self, search: Search) -> Weights:
        return mixing.mix(search.supernet.tables, search.architecture, mixing.sigmoid)

    def penalty(self, search: Search, weights: Mapping[str, Tensor]) -> Tensor | float:
        return resource_term(search, weights) + self.settings.zero_one * zero_one(search)


def zero_one(search: Search) -> Tensor:
    """The zero-one loss (FairDARTS, section 4): minus the mean squared distance of all gates from one half."""
    gates = [search.architecture[table.name][gated(table)].sigmoid() for table in search.supernet.tables]
    return -(torch.cat(gates) - 0.5).square().mean()


def gated(table: Table) -> Tensor:
    """Which columns (rows, columns) are gates: all but `absent`, which follows from the others."""
    found = torch.ones(table.shape, dtype=torch.bool)
    found[:, 0] = ~mixing.absents(table)
    return found


class GoldNasSettings(ArchSettings):
    """Thresholds, pace and growth as in section 4 of the paper; Adam without the decay that holds gates at one half.

    `first` is the weight of the resource term to begin with and what it grows by, `growth` the factor of what it grows
    by, `pace` how many gates should be pruned in an epoch: so many of the lowest are below `low`, others below `least`.
    """

    lr: float = Field(default=1e-2, gt=0, le=10)
    weight_decay: float = Field(default=0.0, ge=0, le=1)
    first: float = Field(default=1e-2, gt=0, le=1e6)
    growth: float = Field(default=2.0, ge=1, le=1000)
    pace: int = Field(default=4, ge=1, le=1_000_000)
    low: float = Field(default=0.05, gt=0, lt=1)
    least: float = Field(default=0.01, gt=0, lt=1)


class GoldNas(Differentiable):
    """Sigmoid gates, trained with the weights by one loss; what they cost counts more and more, and the lowest go.

    After each epoch the lowest gates are pruned for good. Were they fewer than the pace, the weight of the resource
    term grows faster from then on, else again as slowly as at first (algorithm 1).
    """

    name = "gold-nas"
    summary = "sigmoid gates under a growing penalty of resources, pruned one after the other"
    paper = "Bi et al.: GOLD-NAS: Gradual, One-Level, Differentiable, 2020, section 3"
    one_level = True
    refuses: ClassVar = REFUSED
    Settings: ClassVar[type[Settings]] = GoldNasSettings
    settings: GoldNasSettings

    def begin(self, search: Search) -> None:
        if search.resource is None:
            raise error(
                "E0907", "`gold-nas` needs a resource to save", helps=("--target macs=300M",),
                notes=("it prunes what a growing penalty pushes down, and without one nothing is pushed",),
            )  # fmt: skip
        super().begin(search)
        self.kept = {table.name: torch.ones(table.shape, dtype=torch.bool) for table in search.supernet.tables}
        self.weight, self.growing = self.settings.first, self.settings.first

    def begin_epoch(self, search: Search, epoch: int) -> None:
        if epoch == 0:
            return
        pruned = self.prune(search)
        self.growing = self.growing * self.settings.growth if pruned < self.settings.pace else self.settings.first
        self.weight += self.growing

    def prune(self, search: Search) -> int:
        """Prunes the gates that are low now, lowest first, and says how many.

        What a genotype needs stays: one alternative of a choice, as many edges as a node reads at least.
        """
        found: list[tuple[float, str, int, int]] = []
        edges: Counter[str] = Counter()
        for table in search.supernet.tables:
            gates = search.architecture[table.name].detach().sigmoid().tolist()
            there = self.kept[table.name] & gated(table)
            edges.update(row.path for row in table.rows if there[row.index].any())
            found += [(gates[r][c], table.name, r, -c) for r, c in there.nonzero().tolist()]
        least = {path: getattr(decision, "least", 0) for path, decision in search.supernet.open.decisions.items()}
        rows = {(table.name, row.index): row for table in search.supernet.tables for row in table.rows}
        pruned = 0
        for gate, name, index, column in sorted(found):
            if gate >= (self.settings.low if pruned < self.settings.pace else self.settings.least):
                break
            row = rows[name, index]
            may_go = row.kind in ("edge", "gate") and edges[row.path] > least.get(row.path, 0)
            last = int(self.kept[name][index, int(row.kind in ("edge", "gate")) :].sum()) == 1
            if last and not may_go:
                continue
            self.kept[name][index, -column] = False
            edges[row.path] -= last
            pruned += 1
        return pruned

    def mixed(self, search: Search) -> Weights:
        def rule(table: Table, alpha: Tensor) -> Tensor:
            return mixing.sigmoid(table, alpha, self.kept[table.name].to(alpha.device))

        return mixing.mix(search.supernet.tables, search.architecture, rule)

    def penalty(self, search: Search, weights: Mapping[str, Tensor]) -> Tensor | float:
        return self.weight * resource_term(search, weights)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "kept": self.kept, "weight": self.weight, "growing": self.growing}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self.kept = {name: kept.cpu() for name, kept in state["kept"].items()}
        self.weight, self.growing = state["weight"], state["growing"]
