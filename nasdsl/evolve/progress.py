"""What a run reports while it goes on, and what it hands back. Nothing here draws; the command line does."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

Status = Literal["ok", "failed"]
Ending = Literal["finished", "interrupted", "exhausted"]


@dataclass(frozen=True, slots=True)
class Started:
    """The first event. `binding` is a line such as `fashion-mnist 14x14, 1 channel, 10 classes`."""

    folder: Path
    space: str
    net: str
    size: int
    strategy: str
    budget: int
    workers: int
    binding: str
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One result told, in the order of the numbers. Counts are totals up to and with this one.

    `done` counts evaluated candidates (aliases are not) out of `budget`; `duplicates` of `draws` proposals drawn had
    been seen before. `rate` is evaluations a second and `eta` seconds, None until known. `score` is an accuracy.
    """

    n: int
    status: Status
    score: float | None
    reason: str
    alias: int | None
    parents: tuple[int, ...]
    code: str
    done: int
    budget: int
    best: float | None
    best_n: int | None
    duplicates: int
    draws: int
    failures: int
    rate: float | None
    eta: float | None


class Progress(Protocol):
    """Called from the run's own thread; it may render as often as it likes, events come as they come."""

    def started(self, event: Started) -> None: ...

    def told(self, event: Told) -> None: ...

    def finishing(self, what: str, done: int, total: int) -> None:
        """The end of a run: the best five are trained again and tested."""

    def note(self, text: str) -> None:
        """A line worth reading: a worker was restarted, the wall-clock net struck, nothing new is found."""


class Quiet:
    """A `Progress` that shows nothing."""

    def started(self, event: Started) -> None:
        pass

    def told(self, event: Told) -> None:
        pass

    def finishing(self, what: str, done: int, total: int) -> None:
        pass

    def note(self, text: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of the best; accuracies in 0..1, `test` is None until the test split was read."""

    n: int
    code: str
    score: float
    test: float | None
    params: int
    macs: int


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run ended, or how far it is. `files` lists what was written, best first; `resume` is a command to type."""

    folder: Path
    space: str
    net: str
    strategy: str
    seed: int
    ending: Ending
    done: int
    budget: int
    failures: int
    duplicates: int
    draws: int
    seconds: float
    best: tuple[Row, ...]
    files: tuple[Path, ...] = ()

    @property
    def resume(self) -> str:
        return f"nasdsl resume {self.folder}"


@dataclass
class Rate:
    """Evaluations a second over the last `span` finished ones, by a clock that can be replaced."""

    span: int = 50
    clock: Callable[[], float] = time.monotonic
    _ticks: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._ticks.append(self.clock())

    def tick(self) -> None:
        """One more evaluation has finished."""
        self._ticks.append(self.clock())
        if len(self._ticks) > self.span + 1:
            self._ticks.popleft()

    @property
    def value(self) -> float | None:
        seconds = self._ticks[-1] - self._ticks[0]
        return (len(self._ticks) - 1) / seconds if len(self._ticks) > 1 and seconds > 0 else None

    def eta(self, left: int) -> float | None:
        """Seconds until `left` more have finished, None until a rate is known."""
        return left / self.value if self.value else None
