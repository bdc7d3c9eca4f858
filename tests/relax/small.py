"""A supernet of four alternatives and a method that uses every source of chance: small enough to train in a moment."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from nasdsl.compiler.tables import Row, Table
from nasdsl.evolve.train import Batches, Task
from nasdsl.relax.history import Epoch
from nasdsl.relax.method import Batch, Losses, Method
from nasdsl.relax.progress import Quiet
from nasdsl.relax.search import Cosine, Search
from nasdsl.relax.settings import RelaxSettings, settings
from nasdsl.relax.training import Training

COLUMNS = ("absent", "identity", "conv(3)", "conv(1)")
TABLE = Table("cell", tuple(Row("edge", "cell", f"x{i}", COLUMNS, "cell", i) for i in range(2)))


class Supernet(nn.Module):
    """Two mixtures one behind the other; dropout draws from torch's own generator."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.tables = (TABLE,)
        self.convs = nn.ModuleList(
            nn.Conv2d(1 if i == 0 else width, width, k, padding=k // 2) for i in range(2) for k in (3, 1)
        )
        self.norm = nn.BatchNorm2d(width)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(width, 3)

    def forward(self, x: Tensor, weights: Mapping[str, Tensor], active: Any = None) -> Tensor:
        for i, row in enumerate(weights["cell"]):
            same = x if x.shape[1] == self.norm.num_features else 0.0
            x = row[1] * same + row[2] * self.convs[2 * i](x) + row[3] * self.convs[2 * i + 1](x)
            x = torch.relu(self.norm(x))
        logits: Tensor = self.head(self.drop(x.mean((2, 3))))
        return logits


class Genotype:
    def text(self, name: str) -> str:
        return f"genotype {name} of search {{ }}\n"


class Chancy(Method):
    """First-order DARTS with noise on the weights, from both generators, and an optimiser of its own."""

    name = "chancy"

    def begin(self, search: Search) -> None:
        self.adam = torch.optim.Adam(search.architecture.values(), lr=0.05)
        self.temperature = 0.0

    def begin_epoch(self, search: Search, epoch: int) -> None:
        self.temperature += 1.0

    def mixed(self, search: Search) -> dict[str, Tensor]:
        alpha = search.architecture["cell"]
        noise = torch.rand(alpha.shape, generator=search.generator) * search.rng.random()
        return {"cell": ((alpha + noise) / self.temperature).softmax(1)}

    def step(self, search: Search, train: Batch, held: Batch) -> Losses:
        loss = search.loss(search.forward(held[0], self.mixed(search)), held[1])
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        logits = search.forward(train[0], {"cell": self.mixed(search)["cell"].detach()})
        other = search.loss(logits, train[1])
        search.weight_step(other)
        return Losses(other.item(), loss.item(), int((logits.argmax(1) == train[1]).sum()), len(train[1]))

    def weights(self, search: Search) -> dict[str, Tensor]:
        return {"cell": search.architecture["cell"].softmax(1)}

    def genotype(self, search: Search) -> Any:
        return Genotype()

    def state_dict(self) -> dict[str, Any]:
        return {"adam": self.adam.state_dict(), "temperature": self.temperature}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.adam.load_state_dict(state["adam"])
        self.temperature = state["temperature"]


@dataclass
class Assembly:
    """What puts the supernet together; `widths` are the stages of a method that has some."""

    method: Method
    params: dict[str, int | float] = field(default_factory=dict)

    def turn(self, search: Search, params: Mapping[str, int | float]) -> None:
        if dict(params) != self.params:
            self.params = dict(params)
            search.supernet = made(int(params["width"]))
            search.optimiser = sgd(search.supernet)


@dataclass
class Memory:
    """Keeps a run in memory, as the bytes that a folder would hold."""

    epochs: list[Epoch] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    copy: Callable[[Any], Any] = lambda state: state

    def epoch(self, epoch: Epoch, genotype: Any) -> None:
        self.epochs.append(epoch)

    def checkpoint(self, state: dict[str, Any]) -> None:
        self.states.append(self.copy(state))


def made(width: int = 4) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(width)
        return Supernet(width)


def sgd(supernet: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(supernet.parameters(), lr=0.1, momentum=0.9, weight_decay=3e-4)


def task(count: int = 40) -> Task:
    """Images of three classes that a net can tell apart, each numbered in its first pixel."""
    generator = torch.Generator().manual_seed(1)
    parts = []
    for first in (0, 1000):
        labels = torch.arange(count) % 3
        images = torch.randn(count, 1, 6, 6, generator=generator) * 0.3 + labels[:, None, None, None]
        images[:, 0, 0, 0] = torch.arange(first, first + count) / 1000
        parts.append(Batches(images, labels))
    return Task(parts[0], parts[1], torch.zeros(1), torch.ones(1))


def asked(**more: Any) -> RelaxSettings:
    return settings(space="small", **{"epochs": 3, "batch": 8, **more})


def training(method: Method | None = None, keeper: Any = None, **more: Any) -> Training:
    """A run before its first epoch, always the same one."""
    wanted = asked(**more)
    supernet = made()
    alpha = nn.Parameter(1e-3 * torch.randn(TABLE.shape, generator=torch.Generator().manual_seed(3)))
    search = Search(
        supernet=supernet,
        architecture={"cell": alpha},
        optimiser=sgd(supernet),
        schedule=Cosine(0.1, 0.001, wanted.epochs),
        generator=torch.Generator().manual_seed(4),
        rng=random.Random(5),
        epochs=wanted.epochs,
    )
    chosen = method or Chancy()
    chosen.begin(search)
    return Training(search, Assembly(chosen), task(), wanted, keeper or Memory(), Quiet())


def row(**more: Any) -> Any:
    return SimpleNamespace(**more)
