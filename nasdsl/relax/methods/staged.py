"""Methods that keep skip connections from taking over: P-DARTS and DARTS+."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import torch
from pydantic import BeforeValidator, Field
from torch import Tensor

from nasdsl.relax import mixing
from nasdsl.relax.method import ArchSettings, Settings, discretised
from nasdsl.relax.methods.darts import Darts, DartsSettings, Softmax
from nasdsl.relax.mixing import Weights
from nasdsl.relax.rules import copied
from nasdsl.relax.skips import chosen_skips

if TYPE_CHECKING:
    from nasdsl.compiler.tables import Table
    from nasdsl.relax.search import Search
    from nasdsl.space.genotype import Genotype


def numbers(given: Any) -> Any:
    """`8, 5, 3` typed as text."""
    return [float(part) for part in given.split(",")] if isinstance(given, str) else given


def assignments(given: Any) -> Any:
    """`N = 1; N = 3; N = 5` typed as text: the parameters of each stage, those of one parted by commas."""
    if not isinstance(given, str):
        return given
    stages = [dict(part.split("=", 1) for part in stage.split(",")) for stage in given.split(";")]
    return [{name.strip(): json.loads(value) for name, value in stage.items()} for stage in stages]


Numbers = Annotated[tuple[float, ...], BeforeValidator(numbers), Field(min_length=1, strict=False)]
FADING = 0.2  # what the rate of dropout falls by in an epoch, as an exponent; the authors' code


class PDartsSettings(ArchSettings):
    """Section 4 of the paper. `keep` are the columns a row of 8 has in each stage, others in proportion.

    `skip_dropout` are the rates at which skips are dropped at the beginning of each stage, `resting_share` is the part
    of a stage in which the architecture rests (10 of 25 epochs), `skips` how many the normal cell may have in the end.
    `stages` may give the parameters of the space in each stage, `N = 1; N = 3; N = 5` for 5, 11 and 17 cells; without
    them the depth stays.
    """

    lr: float = Field(default=6e-4, gt=0, le=10)
    keep: Numbers = (8, 5, 3)
    skip_dropout: Numbers = (0.0, 0.4, 0.7)
    resting_share: float = Field(default=0.4, ge=0, lt=1)
    skips: int = Field(default=2, ge=0)
    stages: Annotated[tuple[dict[str, int | float], ...], BeforeValidator(assignments), Field(strict=False)] = ()


class PDarts(Softmax):
    """Three stages: ever fewer alternatives, on an ever deeper supernet where the space has a parameter for that.

    Between stages the weakest columns of every row are dropped and the parameters are drawn anew. A dropped skip is
    left out of a whole row, where the paper drops elements of its output. Weights go on unless the depth changes.
    """

    name = "p-darts"
    summary = "three stages with fewer alternatives, and few skips"
    paper = "Chen et al.: Progressive Differentiable Architecture Search, ICCV 2019, sections 3 and 4"
    refuses: ClassVar = {"order": "a permutation with some of its pairs dropped may be none any more"}
    Settings: ClassVar[type[Settings]] = PDartsSettings
    settings: PDartsSettings

    def begin(self, search: Search) -> None:
        super().begin(search)
        self.stage = 0
        self.kept = {table.name: torch.ones(table.shape, dtype=torch.bool) for table in search.supernet.tables}

    def at(self, epoch: int, epochs: int) -> tuple[int, int, int]:
        """The stage of an epoch, the number of the epoch in it, and how many it has."""
        count = len(self.settings.keep)
        firsts = [math.ceil(stage * epochs / count) for stage in range(count + 1)]
        stage = max(s for s in range(count) if firsts[s] <= epoch)
        return stage, epoch - firsts[stage], firsts[stage + 1] - firsts[stage]

    def params(self, epoch: int, epochs: int) -> Mapping[str, int | float]:
        stages = self.settings.stages
        return stages[min(self.at(epoch, epochs)[0], len(stages) - 1)] if stages else {}

    def resting(self, search: Search) -> bool:
        _, at, length = self.at(search.epoch, search.epochs)
        return at < int(self.settings.resting_share * length)

    def rate(self, search: Search) -> float:
        """The rate at which skips are dropped: it falls in a straight line while the architecture rests, then fades."""
        stage, at, length = self.at(search.epoch, search.epochs)
        highest = self.settings.skip_dropout[min(stage, len(self.settings.skip_dropout) - 1)]
        if self.resting(search):
            return highest * (length - at - 1) / length
        return highest * math.exp(-FADING * (at - int(self.settings.resting_share * length)))

    def begin_epoch(self, search: Search, epoch: int) -> None:
        stage = self.at(epoch, search.epochs)[0]
        if stage != self.stage:
            self.drop(search, stage)

    def drop(self, search: Search, stage: int) -> None:
        """Begins a stage: keeps the strongest columns of each row and draws all parameters anew."""
        weights = self.weights(search)
        for table in search.supernet.tables:
            columns = table.shape[1]
            count = min(columns, max(2, math.ceil(columns * self.settings.keep[stage] / self.settings.keep[0])))
            best = weights[table.name].cpu().topk(count, 1).indices
            self.kept[table.name] = torch.zeros(table.shape, dtype=torch.bool).scatter(1, best, True)
        with torch.no_grad():
            for alpha in self.alphas:
                alpha.copy_(1e-3 * torch.randn(alpha.shape, generator=search.generator, dtype=alpha.dtype))
        self.optimiser = self.settings.adam(self.alphas)
        self.stage = stage

    def weights(self, search: Search) -> Weights:
        """The softmax over what is kept, without dropout."""
        return mixing.detached(mixing.mix(search.supernet.tables, search.architecture, self.masked))

    def masked(self, table: Table, alpha: Tensor) -> Tensor:
        return mixing.softmax(alpha, self.kept[table.name].to(alpha.device))

    def mixed(self, search: Search) -> Weights:
        rate = self.rate(search)

        def rule(table: Table, alpha: Tensor) -> Tensor:
            weights = self.masked(table, alpha)
            if rate == 0:
                return weights
            stays = torch.rand(len(alpha), 1, generator=search.generator) >= rate
            scale = torch.where(mixing.skips(table), stays / (1 - rate), torch.ones(table.shape))
            return weights * scale.to(alpha.device, alpha.dtype)

        return mixing.mix(search.supernet.tables, search.architecture, rule)

    def genotype(self, search: Search) -> Genotype:
        """The weakest skip of the normal cell is struck out until it has no more than it may (section 3.3)."""
        weights = copied(self.weights(search))
        while True:
            found = discretised(search, weights)
            skips = chosen_skips(search, found)
            strong = [(weights[t][r, c].item(), t, r, c) for t, r, c in skips if weights[t][r, c].item() > 0]
            if len(skips) <= self.settings.skips or not strong:
                return found
            _, table, row, column = min(strong)
            weights[table][row, column] = 0.0

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "kept": self.kept, "stage": self.stage}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self.kept = {name: kept.cpu() for name, kept in state["kept"].items()}
        self.stage = state["stage"]


class DartsPlusSettings(DartsSettings):
    """`skips` in the normal cell end the search, or `stable` epochs in which no ranking changes (sections 3.2, 4.1)."""

    skips: int = Field(default=2, ge=1)
    stable: int = Field(default=10, ge=1)


class DartsPlus(Darts):
    """DARTS that stops before skips take over."""

    name = "darts+"
    summary = "DARTS that stops at two skips in the normal cell, or when the rankings stand"
    paper = "Liang et al.: DARTS+: Improved Differentiable Architecture Search with Early Stopping, 2019, section 3.2"
    Settings: ClassVar[type[Settings]] = DartsPlusSettings
    settings: DartsPlusSettings

    def begin(self, search: Search) -> None:
        super().begin(search)
        self.ranking: dict[str, list[list[int]]] = {}
        self.since = 0

    def finished(self, search: Search, epoch: int) -> str | None:
        ranking = {table.name: ranked(table, search.architecture[table.name]) for table in search.supernet.tables}
        self.since = self.since + 1 if ranking == self.ranking else 0
        self.ranking = ranking
        count = len(chosen_skips(search, self.genotype(search)))
        if count >= self.settings.skips:
            return f"the normal cell holds {count} skip connections"
        if self.since >= self.settings.stable:
            return f"no ranking of alternatives changed for {self.since} epochs"
        return None

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "ranking": self.ranking, "since": self.since}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self.ranking, self.since = state["ranking"], state["since"]


def ranked(table: Table, alpha: Tensor) -> list[list[int]]:
    """The columns of each row, strongest first, without skips, pools and `absent`: those that learn (criterion 1*)."""
    order = alpha.detach().argsort(dim=1, descending=True, stable=True).tolist()
    return [[c for c in columns if learns(row.columns[c])] for row, columns in zip(table.rows, order, strict=True)]


def learns(column: str) -> bool:
    """Whether a candidate with this text may have weights."""
    return not column.startswith(("max_pool", "avg_pool")) and column not in (mixing.SKIP, mixing.ABSENT, "none")
