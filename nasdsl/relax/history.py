"""A run's past, one line of JSON an epoch. Lines are only added; a resume takes those off that its checkpoint lacks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nasdsl.diagnostics import error
from nasdsl.evolve.folder import write


class Measured(BaseModel):
    """A table of mixing weights {rows, columns}, the entropy of each row in nats, and the column that leads it.

    Of an edge it is the best column beside `absent`: what the edge would hold if it stays. `edges` are the weights of
    the edges themselves (rows,), where a method has them.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    weights: tuple[tuple[float, ...], ...]
    entropy: tuple[float, ...]
    leaders: tuple[int, ...]
    edges: tuple[float, ...] | None = None


class Epoch(BaseModel):
    """What an epoch came to. Losses are means over images, accuracies in 0..1; `skips` is the share that skips have.

    `train_*` are of the steps, as the weights were then; `held_*` of the supernet at the end, in evaluation mode under
    the method's weights; `architecture_loss` is what the architecture was trained on, where that is apart. `cost` is
    what a network is expected to cost where that is limited, and how that is written with its unit.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    epoch: int = Field(ge=0)
    train_loss: float
    train_accuracy: float
    architecture_loss: float | None
    held_loss: float
    held_accuracy: float
    learning_rate: float
    cost: float | None
    cost_shown: str = ""
    entropy: float
    skips: float | None
    tables: dict[str, Measured]
    warning: str = ""
    ended: str = ""
    seconds: float


def read(path: Path) -> list[Epoch]:
    """Every whole line. Raises E0913 for one that is damaged; the last may have been cut off, and is left out."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    *lines, _ = text.split("\n")
    try:
        epochs = [Epoch.model_validate_json(line) for line in lines]
    except ValidationError as problem:
        first = problem.errors()[0]
        raise error(
            "E0913", f"{path} is damaged", notes=[f"{'.'.join(map(str, first['loc']))}: {first['msg']}"]
        ) from None
    if [each.epoch for each in epochs] != list(range(len(epochs))):
        raise error("E0913", f"{path} is damaged", notes=["its epochs do not follow one another"])
    return epochs


def append(path: Path, epoch: Epoch) -> None:
    """One more line, on the disk when this returns."""
    with path.open("a", encoding="utf-8") as file:
        file.write(epoch.model_dump_json() + "\n")
        file.flush()
        os.fsync(file.fileno())


def rewind(path: Path, epochs: Sequence[Epoch]) -> None:
    """Puts these lines in place of all."""
    write(path, "".join(epoch.model_dump_json() + "\n" for epoch in epochs))
