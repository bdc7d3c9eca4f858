"""What a relaxed search reports while it goes on, and what it hands back. Nothing here draws or prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from nasdsl.relax.history import Epoch

Ending = Literal["finished", "stopped early", "interrupted"]


@dataclass(frozen=True, slots=True)
class Started:
    """The first event. `binding` is a line such as `fashion-mnist: 14x14, 1 channel, 10 classes`.

    `weights` and `parameters` count those of the supernet and of the architecture; `steps` is that of one epoch, and
    `resumed` how many epochs earlier sessions have left.
    """

    folder: Path
    space: str
    net: str
    size: int
    method: str
    binding: str
    device: str
    tables: Mapping[str, tuple[int, int]]
    weights: int
    parameters: int
    images: int
    held: int
    epochs: int
    steps: int
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class Stepped:
    """One step of training; `loss` is the mean of the epoch so far, `rate` steps a second, `eta` the run's seconds."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    rate: float | None
    eta: float | None


class Progress(Protocol):
    """Called from the run's own thread; events come as they come."""

    def started(self, event: Started) -> None: ...

    def stepped(self, event: Stepped) -> None: ...

    def measured(self, epoch: Epoch, epochs: int, eta: float | None) -> None:
        """An epoch has ended and is stored."""

    def note(self, text: str) -> None:
        """A line worth reading: skips take over, the method stops early."""


class Quiet:
    """A `Progress` that shows nothing."""

    def started(self, event: Started) -> None:
        pass

    def stepped(self, event: Stepped) -> None:
        pass

    def measured(self, epoch: Epoch, epochs: int, eta: float | None) -> None:
        pass

    def note(self, text: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run ended, or how far it is. `genotype` is the derived one as text, empty before the first epoch ended.

    `accuracy` is that of the supernet on the held-out images, in 0..1. `reason` says why a method stopped early. The
    space was read as `source`, with `options` as they are typed.
    """

    folder: Path
    space: str
    net: str
    method: str
    seed: int
    ending: Ending
    done: int
    epochs: int
    seconds: float
    accuracy: float | None
    best: float | None
    entropy: float | None
    genotype: str
    name: str
    source: str
    options: str
    reason: str = ""
    warnings: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def resume(self) -> str:
        return f"nasdsl resume {self.folder}"
