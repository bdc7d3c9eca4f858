"""What training hands over, written into the run's folder as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nasdsl.evolve.folder import write
from nasdsl.relax import checkpoint, history, plots
from nasdsl.relax.folder import GENOTYPE, HISTORY
from nasdsl.relax.history import Epoch

# Pictures are drawn again while a run goes on, where that takes no more than this share of its time.
MOST = 0.02


@dataclass
class Kept:
    """Keeps a run in its folder. `name` is what the derived genotype is called."""

    folder: Path
    name: str
    clock: Callable[[], float] = time.monotonic
    _drawn: float = 0.0
    _cost: float = 1.0

    def __post_init__(self) -> None:
        self._drawn = self.clock()

    def epoch(self, epoch: Epoch, genotype: Any | None) -> None:
        """Before the checkpoint: a resume takes off a line too many, and could not make up for one too few."""
        history.append(self.folder / HISTORY, epoch)
        if genotype is not None:
            write(self.folder / GENOTYPE, f"# after epoch {epoch.epoch + 1}\n{genotype.text(self.name)}")

    def checkpoint(self, state: dict[str, Any]) -> None:
        checkpoint.save(self.folder, state)
        if (self.clock() - self._drawn) * MOST > self._cost:
            began = self.clock()
            plots.draw(self.folder)
            self._drawn = self.clock()
            self._cost = self._drawn - began
