"""Methods that train shared weights by paths, one genotype a pass, and choose the best of them afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from nasdsl.compiler.searchform import SearchForm
from nasdsl.relax import mixing
from nasdsl.relax.method import Batch, Losses, Method, Settings, discretised
from nasdsl.relax.mixing import Weights
from nasdsl.relax.policy import Drawn, Policy, path_of
from nasdsl.relax.rules import accumulated_step, resource_term, right, weight_step

if TYPE_CHECKING:
    from nasdsl.compiler.tables import Table
    from nasdsl.relax.search import Search
    from nasdsl.space.genotype import Genotype


WATCHED = 4
"""How many paths show after each epoch how far the shared weights are."""


class PathSettings(Settings):
    """Of `candidates` paths the one that does best on held-out images is the genotype."""

    candidates: int = Field(default=50, ge=1, le=1_000_000)


class PathSampled(Method):
    """The architecture has no parameters of its own. Evolution on the trained weights finds better genotypes."""

    form: ClassVar[SearchForm] = SearchForm()
    one_level: ClassVar[bool] = True
    Settings: ClassVar[type[Settings]] = PathSettings
    settings: PathSettings

    def path(self, search: Search) -> Weights:
        """The one-hot weights of a genotype, every valid one of the space with the same probability."""
        return path_of(search, search.supernet.open.space.sample(search.rng))

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        return weight_step(search, self.path(search), train)

    def weights(self, search: Search) -> Weights:
        """All alternatives alike."""
        return mixing.mix(
            search.supernet.tables, search.architecture, lambda table, alpha: torch.full_like(alpha, 1 / alpha.shape[1])
        )

    def watched(self, search: Search) -> Sequence[Weights]:
        return [self.path(search) for _ in range(WATCHED)]

    @torch.no_grad()
    def genotype(self, search: Search) -> Genotype:
        """The best of some paths by the held-out score, less what the resource term takes off."""
        best: tuple[float, Weights] | None = None
        for _ in range(self.settings.candidates):
            path = self.path(search)
            score = search.score(path) - float(resource_term(search, path))
            if best is None or score > best[0]:
                best = score, path
        assert best is not None
        return discretised(search, best[1])


class Spos(PathSampled):
    """One uniform path a step."""

    name = "spos"
    summary = "one uniform path a step"
    paper = "Guo et al.: Single Path One-Shot Neural Architecture Search with Uniform Sampling, ECCV 2020, section 3.1"


class FairNas(PathSampled):
    """Strict fairness: as many paths a step as a choice has alternatives, each alternative in exactly one of them.

    Gradients of all paths are added before the weights move (algorithm 1). Choices with fewer alternatives begin anew.
    `absent` is an alternative of an edge as any other, so a path may read more or fewer values than a genotype.
    """

    name = "fairnas"
    summary = "paths in which each alternative stands once, then one step of the weights"
    paper = "Chu, Zhang, Xu: FairNAS: Rethinking Evaluation Fairness of Weight Sharing NAS, ICCV 2021, algorithm 1"
    refuses: ClassVar = {"order": "its rows are dealt one by one, and a permutation is dealt as a whole"}

    def paths(self, search: Search) -> Iterator[Weights]:
        """The paths of one step."""
        tables = search.supernet.tables
        most = max(table.shape[1] for table in tables)
        orders = {table.name: [_cycled(table.shape[1], most, search) for _ in table.rows] for table in tables}
        for turn in range(most):
            yield {
                table.name: torch.eye(table.shape[1])[[order[turn] for order in orders[table.name]]].to(
                    search.architecture[table.name]
                )
                for table in tables
            }

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        return accumulated_step(search, self.paths(search), train)


def _cycled(columns: int, most: int, search: Search) -> list[int]:
    """`most` columns of a row, every one of them once before any comes again."""
    order: list[int] = []
    while len(order) < most:
        order += search.rng.sample(range(columns), columns)
    return order[:most]


class OneShotSettings(PathSettings):
    """`rate` is r of section 3: how likely a node is to lose all its inputs at the end of training (5 %)."""

    rate: float = Field(default=0.05, ge=0, lt=1)


class OneShot(PathSampled):
    """All alternatives at once, some of them dropped at random, more and more so while training goes on.

    An alternative is dropped with probability r^(1/k), where k come together at its node; r rises from 0 in a straight
    line. What is left has equal weights that sum to one, where the paper has a plain sum.
    """

    name = "one-shot"
    summary = "all alternatives with path dropout"
    paper = "Bender et al.: Understanding and Simplifying One-Shot Architecture Search, ICML 2018, section 3"
    refuses: ClassVar = {"order": "a permutation with some of its pairs dropped may be none any more"}
    Settings: ClassVar[type[Settings]] = OneShotSettings
    settings: OneShotSettings

    def rate(self, search: Search) -> float:
        """r in this epoch."""
        return self.settings.rate * search.epoch / max(1, search.epochs - 1)

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        def rule(table: Table, alpha: Tensor) -> Tensor:
            return self.dropped(table, search).to(alpha)

        return weight_step(search, mixing.mix(search.supernet.tables, search.architecture, rule), train)

    def dropped(self, table: Table, search: Search) -> Tensor:
        """Weights (rows, columns) with some columns dropped; a row that loses all is absent, or keeps one at random."""
        rate = self.rate(search)
        first = mixing.absents(table)
        there = torch.ones(table.shape, dtype=torch.bool)
        there[:, 0] = ~first
        together = there.sum(1)
        for at in mixing.nodes(table):
            together[list(at)] = there[list(at)].sum()
        drop = (torch.full(together.shape, rate) ** (1 / together))[:, None] if rate else torch.zeros(len(there), 1)
        kept = there & (torch.rand(table.shape, generator=search.generator) >= drop)
        spare = torch.where(first, 0, torch.randint(table.shape[1], (len(there),), generator=search.generator))
        for row in (~kept.any(1)).nonzero().flatten().tolist():
            kept[row, spare[row]] = True
        return kept / kept.sum(1, keepdim=True)


class EnasSettings(PathSettings):
    """Section 3.1 of the paper; `decay` of the moving average of rewards is that of the authors' code."""

    candidates: int = Field(default=10, ge=1, le=1_000_000)
    lr: float = Field(default=3.5e-4, gt=0, le=10)
    entropy: float = Field(default=1e-4, ge=0, le=100)
    temperature: float = Field(default=5.0, gt=0, le=1000)
    tanh: float = Field(default=2.5, gt=0, le=1000)
    decay: float = Field(default=0.99, ge=0, lt=1)


class Enas(PathSampled):
    """Paths from a policy that is trained by REINFORCE with a moving average of the rewards as baseline.

    The policy has a parameter for each alternative, the architecture parameters, where the paper has an LSTM: each
    decision is drawn by itself. A step trains the weights on one path, then the policy by the held-out accuracy of
    another, where the paper takes turns of whole epochs. Drawn decisions that are no genotype become the nearest one.
    """

    name = "enas"
    summary = "paths from a policy that is trained by their held-out accuracy"
    paper = "Pham et al.: Efficient Neural Architecture Search via Parameter Sharing, ICML 2018, sections 2.2 and 3.1"
    one_level: ClassVar[bool] = False
    Settings: ClassVar[type[Settings]] = EnasSettings
    settings: EnasSettings

    def begin(self, search: Search) -> None:
        self.policy = Policy(self.settings.temperature, self.settings.tanh)
        self.optimiser = torch.optim.Adam(list(search.architecture.values()), lr=self.settings.lr)
        self.baseline: float | None = None

    def path(self, search: Search) -> Weights:
        return self.policy.draw(search).path

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        done = weight_step(search, self.path(search), train)
        drawn = self.policy.draw(search)
        loss, reward = self.reward(search, drawn, held)
        self.reinforce(drawn, reward)
        return Losses(done.train, loss, done.right, done.seen)

    def reward(self, search: Search, drawn: Drawn, held: Batch) -> tuple[float, float]:
        """The held-out loss and accuracy of a path, the accuracy less what the resource term takes off."""
        images, labels = held
        with torch.no_grad():
            logits = search.forward(images, drawn.path)
            loss = search.loss(logits, labels).item()
            return loss, right(logits, labels) / len(labels) - float(resource_term(search, drawn.path))

    def reinforce(self, drawn: Drawn, reward: float) -> None:
        """One step up the expected reward, and the entropy with a small weight."""
        if self.baseline is None:
            self.baseline = reward
        self.baseline = self.settings.decay * self.baseline + (1 - self.settings.decay) * reward
        self.optimiser.zero_grad(set_to_none=True)
        gain = (reward - self.baseline) * drawn.log_probability + self.settings.entropy * drawn.entropy
        torch.autograd.backward(-gain)
        self.optimiser.step()

    def weights(self, search: Search) -> Weights:
        """The probabilities of the policy."""
        return self.policy.probabilities(search)

    def state_dict(self) -> dict[str, Any]:
        return {"optimiser": self.optimiser.state_dict(), "baseline": self.baseline}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.optimiser.load_state_dict(state["optimiser"])
        self.baseline = state["baseline"]
