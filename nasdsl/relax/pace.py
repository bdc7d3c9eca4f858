"""How fast a run goes, and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from nasdsl.evolve.progress import Rate


@dataclass
class Pace:
    """Of a run whose epochs have `steps` steps; what ends an epoch takes time, too, and is in the epochs' seconds."""

    steps: int
    clock: Callable[[], float] = time.monotonic
    _epochs: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rate = Rate(clock=self.clock)

    def tick(self) -> None:
        """One more step is done."""
        self._rate.tick()

    def ended(self, seconds: float) -> None:
        """One more epoch is done, in so many seconds."""
        self._epochs.append(seconds)

    @property
    def rate(self) -> float | None:
        """Steps a second over the last ones."""
        return self._rate.value

    def eta(self, epoch: int, step: int, epochs: int) -> float | None:
        """Seconds that are left behind so many epochs and steps, by the last epochs, or by the steps before any."""
        left = epochs - epoch - step / self.steps
        recent = self._epochs[-5:]
        if recent:
            return left * sum(recent) / len(recent)
        return left * self.steps / self.rate if self.rate else None
