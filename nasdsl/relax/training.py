"""The loop of a relaxed search: steps on two disjoint halves of the training images, then what an epoch came to.

Nothing carries over from one epoch to the next but what a checkpoint holds: the order of the images and what layers
draw follow from the seed and the number of the epoch. So a run goes on exactly from any checkpoint.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from nasdsl.evolve.history import hashed
from nasdsl.evolve.train import DivergedError, Task
from nasdsl.relax import measures, norms
from nasdsl.relax.history import Epoch
from nasdsl.relax.method import Batch, Losses, Method
from nasdsl.relax.norms import chosen
from nasdsl.relax.pace import Pace
from nasdsl.relax.progress import Progress, Stepped
from nasdsl.relax.search import Search
from nasdsl.relax.settings import RelaxSettings

# Images in a batch that is only evaluated; the share of a run's time in which genotypes are derived on the way.
EVALUATED = 500
DERIVING = 0.05


class Staged(Protocol):
    """What has put a search together, and does so again where the method changes the parameters of the space."""

    params: dict[str, int | float]

    @property
    def method(self) -> Method: ...

    def turn(self, search: Search, params: Mapping[str, int | float]) -> None: ...


class Keeper(Protocol):
    """What keeps a run. `epoch` is called before the checkpoint that ends it."""

    def epoch(self, epoch: Epoch, genotype: Any | None) -> None: ...

    def checkpoint(self, state: dict[str, Any]) -> None: ...


@dataclass
class Sums:
    """Of the steps of one epoch so far."""

    steps: int = 0
    train: float = 0.0
    held: float = 0.0
    helds: int = 0
    right: int = 0
    seen: int = 0
    seconds: float = 0.0

    def add(self, losses: Losses) -> None:
        self.steps += 1
        self.train += losses.train
        if losses.held is not None:
            self.held += losses.held
            self.helds += 1
        self.right += losses.right
        self.seen += losses.seen


@dataclass
class Training:
    """One run under way, from its beginning or from a checkpoint; `past` is what earlier sessions have left.

    While it goes on a checkpoint is made at the end of every epoch, when it is stopped, and between two steps where
    the last one is older than `spacing` seconds.
    """

    search: Search
    assembly: Staged
    task: Task
    settings: RelaxSettings
    keeper: Keeper
    progress: Progress
    past: list[Epoch] = field(default_factory=list)
    spacing: float = 300.0
    clock: Callable[[], float] = time.monotonic
    _sums: Sums = field(default_factory=Sums)
    _epoch: int = 0
    _ended: str = ""
    _deriving: float = 0.0

    def __post_init__(self) -> None:
        self.method = self.assembly.method
        self._pace = Pace(self.steps, self.clock)
        self._saved = self._derived_at = self.clock()
        self.search.judge = self.score

    @property
    def steps(self) -> int:
        """How many steps an epoch has; an odd rest of the images is left out."""
        steps = max(1, len(self.task.train) // self.settings.batch)
        return min(steps, self.settings.limit_batches or steps)

    @property
    def done(self) -> int:
        """How many epochs have ended."""
        return self._epoch

    @property
    def ended(self) -> str | None:
        """Why the method stopped before the last epoch; empty at the last epoch's end, None before either."""
        return self._ended if self._ended or self._epoch >= self.search.epochs else None

    def run(self, stopped: Callable[[], bool]) -> bool:
        """To the end, or until `stopped()`; whether the end was reached.

        Raises `DivergedError` where a number is not finite; the last checkpoint is from before that.
        """
        while self.ended is None:
            began = self.clock() - self._sums.seconds
            if self._sums.steps == 0:
                self._begin_epoch()
            for train, held in self._batches():
                if stopped():
                    break
                self._step(train, held)
                self._sums.seconds = self.clock() - began
                if self.clock() - self._saved > self.spacing:
                    self.save()
            if not stopped():
                evaluated = self._evaluated(stopped)
                if evaluated is not None:
                    self._end_epoch(*evaluated, began)
                    continue
            # Before its first step an epoch has not begun: the checkpoint that ended the last one stands.
            if self._sums.steps:
                self.save()
            return False
        return True

    def state_dict(self) -> dict[str, Any]:
        """Everything an exact resume needs, as tensors and plain values."""
        return {
            "epoch": self._epoch,
            "ended": self._ended,
            "sums": dict(vars(self._sums)),
            "params": self.assembly.params,
            "search": self.search.state_dict(),
            "method": self.method.state_dict(),
            "layers": _layers(self.search.device),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """What `state_dict` gave. The method has begun already."""
        self._epoch, self._ended = state["epoch"], state["ended"]
        self._sums = Sums(**state["sums"])
        self.assembly.turn(self.search, state["params"])
        self.method.load_state_dict(state["method"])
        self.search.load_state_dict(state["search"])
        _set_layers(self.search.device, state["layers"])

    def save(self) -> None:
        """A checkpoint of where the run is. Raises `DivergedError` where that is no state to go on from."""
        self._check()
        self._save()

    def _check(self) -> None:
        self.search.check()
        self.search.check_weights()

    def _save(self) -> None:
        self.keeper.checkpoint(self.state_dict())
        self._saved = self.clock()

    def _begin_epoch(self) -> None:
        torch.manual_seed(hashed("layers", self.settings.seed, self._epoch) >> 193)
        self.assembly.turn(self.search, self.method.params(self._epoch, self.search.epochs))
        self.search.begin_epoch(self._epoch)
        self.method.begin_epoch(self.search, self._epoch)

    def _batches(self) -> Iterator[tuple[Batch, Batch]]:
        """The pairs of batches of the epoch that are left."""
        batch, seed = self.settings.batch, self.settings.seed
        orders = [
            torch.randperm(len(data), generator=torch.Generator().manual_seed(hashed(part, seed, self._epoch) >> 193))
            for part, data in (("train", self.task.train), ("held", self.task.validation))
        ]
        others = max(1, len(self.task.validation) // batch)
        for step in range(self._sums.steps, self.steps):
            yield (
                chosen(self.task.train, orders[0], step, batch),
                chosen(self.task.validation, orders[1], step % others, batch),
            )

    def _step(self, train: Batch, held: Batch) -> None:
        self.search.supernet.train()
        where = f"in epoch {self._epoch + 1}, step {self._sums.steps + 1} of {self.steps}"
        try:
            losses = self.method.step(self.search, train, held)
            for loss in (losses.train, losses.held):
                if loss is not None and not math.isfinite(loss):
                    raise DivergedError(f"the loss is {loss}")
            self.search.check()
        except DivergedError as problem:
            raise DivergedError(f"{problem}, {where}") from None
        self._sums.add(losses)
        self._pace.tick()
        self.progress.stepped(
            Stepped(
                epoch=self._epoch,
                epochs=self.search.epochs,
                step=self._sums.steps,
                steps=self.steps,
                loss=self._sums.train / self._sums.steps,
                rate=self._pace.rate,
                eta=self._pace.eta(self._epoch, self._sums.steps, self.search.epochs),
            )
        )

    @torch.no_grad()
    def _evaluated(self, stopped: Callable[[], bool]) -> tuple[float, float] | None:
        """Loss and accuracy on the held-out images; None where it was stopped.

        Those of the mixture, or the means of some paths, where the method never trains the mixture.
        """
        with self._unchanged():
            self.search.rng.seed(hashed("watched", self.settings.seed, self._epoch))
            paths = self.method.watched(self.search)
        if not paths:
            self.search.supernet.eval()
            return self._held(self.method.weights(self.search), stopped)
        found = []
        for path in paths:
            with norms.unchanged(self.search.supernet):
                self._calibrate(path)
                held = self._held(path, stopped)
            if held is None:
                return None
            found.append(held)
        losses, accuracies = zip(*found, strict=True)
        return sum(losses) / len(found), sum(accuracies) / len(found)

    @torch.no_grad()
    def score(self, weights: Mapping[str, torch.Tensor]) -> float:
        """The accuracy of mixing weights on the held-out images, with batch norms that have seen them alone."""
        with norms.unchanged(self.search.supernet):
            self._calibrate(weights)
            held = self._held(weights, lambda: False)
        return held[1] if held is not None else 0.0

    def _calibrate(self, weights: Mapping[str, torch.Tensor]) -> None:
        search, asked = self.search, self.settings
        batches = min(norms.BATCHES, self.steps)
        norms.calibrate(search.supernet, lambda x: search.forward(x, weights), self.task.train, asked.batch, batches)

    def _held(self, weights: Mapping[str, torch.Tensor], stopped: Callable[[], bool]) -> tuple[float, float] | None:
        """Loss and accuracy of mixing weights, in evaluation mode."""
        data, asked = self.task.validation, self.settings
        limit = min(len(data), (asked.limit_batches or len(data)) * asked.batch)
        loss, right = 0.0, 0
        for start in range(0, limit, EVALUATED):
            if stopped():
                return None
            labels = data.labels[start : min(start + EVALUATED, limit)]
            logits = self.search.forward(data.images[start : start + len(labels)], weights)
            loss += float(self.search.loss(logits, labels)) * len(labels)
            right += int((logits.argmax(1) == labels).sum())
        return loss / limit, right / limit

    @contextmanager
    def _unchanged(self) -> Iterator[None]:
        """Leaves the generators of the search as they were: what is only looked at plays no part in what is trained."""
        held, state = self.search.rng.getstate(), self.search.generator.get_state()
        try:
            yield
        finally:
            self.search.rng.setstate(held)
            self.search.generator.set_state(state)

    def _derived(self) -> Any | None:
        """The genotype, at the last epoch's end; before it where that takes no more than a small share of the time.

        Some methods score many paths for it.
        """
        since, last = self.clock() - self._derived_at, self._ended or self._epoch + 1 == self.search.epochs
        if not last and since * DERIVING < self._deriving:
            return None
        began = self.clock()
        with self._unchanged():
            genotype = self.method.genotype(self.search)
        self._derived_at = self.clock()
        self._deriving = self._derived_at - began
        return genotype

    @torch.no_grad()
    def _end_epoch(self, loss: float, accuracy: float, began: float) -> None:
        search, sums = self.search, self._sums
        weights = self.method.weights(search)
        tables = search.supernet.tables
        found = measures.measured(tables, weights)
        mass = measures.skips(tables, found)
        cost = search.resource.expected(search.supernet, weights) if search.resource is not None else None
        self._ended = self.method.finished(search, self._epoch) or ""
        epoch = Epoch(
            epoch=self._epoch,
            train_loss=sums.train / sums.steps,
            train_accuracy=sums.right / max(1, sums.seen),
            architecture_loss=sums.held / sums.helds if sums.helds else None,
            held_loss=loss,
            held_accuracy=accuracy,
            learning_rate=search.optimiser.param_groups[0]["lr"],
            cost=cost,
            cost_shown=search.resource.shown(cost) if search.resource is not None and cost is not None else "",
            entropy=measures.mean_entropy(found),
            skips=mass[1] if mass is not None else None,
            tables=found,
            warning=measures.warning(tables, found, self.past),
            ended=self._ended,
            seconds=self.clock() - began,
        )
        genotype = self._derived()
        self._epoch, self._sums = self._epoch + 1, Sums()
        self._check()
        self.keeper.epoch(epoch, genotype)
        self.past.append(epoch)
        self._save()
        self._pace.ended(epoch.seconds)
        self.progress.measured(epoch, search.epochs, self._pace.eta(self._epoch, 0, search.epochs))
        for line in (epoch.warning, epoch.ended):
            if line:
                self.progress.note(line)


def _layers(device: torch.device) -> dict[str, Any]:
    """The states of the generators that layers draw from: dropout takes none of its own."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def _set_layers(device: torch.device, states: dict[str, Any]) -> None:
    torch.set_rng_state(states["cpu"].cpu())
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"].cpu(), device)
    elif device.type == "mps":
        torch.mps.set_rng_state(states["mps"].cpu())
