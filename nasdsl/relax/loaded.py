"""A trained supernet read from its run, for whatever wants its weights. Nothing in the folder is run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from nasdsl.diagnostics import error
from nasdsl.relax import checkpoint
from nasdsl.relax import folder as own
from nasdsl.relax.assembly import Assembly
from nasdsl.relax.run import latencies, loaded_data

if TYPE_CHECKING:
    from nasdsl.compiler.openlower import OpenNetwork
    from nasdsl.compiler.supernet import Supernet
    from nasdsl.data.images import Images
    from nasdsl.relax.method import Method
    from nasdsl.relax.search import Search
    from nasdsl.space.model import SearchSpace


@dataclass(frozen=True)
class Loaded:
    """What a run of `nasdsl relax` has come to, as its last checkpoint holds it."""

    search: Search
    method: Method
    space: SearchSpace
    data: Images
    record: own.Record

    @property
    def supernet(self) -> Supernet:
        return self.search.supernet

    @property
    def architecture(self) -> dict[str, nn.Parameter]:
        return self.search.architecture

    @property
    def open(self) -> OpenNetwork:
        return self.search.supernet.open


def load(folder: Path, device: torch.device | None = None) -> Loaded:
    """The supernet, the architecture parameters and the method of a run, in evaluation mode.

    Raises E0914 for what is no such run or has no checkpoint yet, E0913 for a damaged one, E0606 where the images are
    not those of the run, E0601 and E0603 as every reader of runs.
    """
    where = device or torch.device("cpu")
    record, text = own.read(folder)
    state = checkpoint.load(folder, where)
    if state is None:
        raise error("E0914", f"{folder} has no trained supernet yet", helps=[f"nasdsl resume {folder}"])
    data = loaded_data(record)
    of = Assembly(text, record.settings, data, where, latencies(folder))
    search = of.search()
    try:
        of.turn(search, state["params"])
        of.method.load_state_dict(state["method"])
        search.load_state_dict(state["search"])
    except checkpoint.MISFITS as problem:
        raise checkpoint.damaged(folder, str(problem)) from None
    search.supernet.eval()
    return Loaded(search, of.method, of.space, data, record)


def digest(folder: Path) -> str:
    """SHA-256 of a run's checkpoint: whether its supernet was trained on since."""
    with (folder / checkpoint.NAME).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
