"""A checkpoint: everything an exact resume needs, replaced whole or not at all, and read without running anything."""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from nasdsl.diagnostics import NasdslError, error
from nasdsl.evolve.store import newer

FORMAT = 1
NAME = "checkpoint.pt"
MISFITS = (KeyError, TypeError, ValueError, RuntimeError, AttributeError, IndexError)
"""What comes of a state that does not fit the search it is loaded into."""


def save(folder: Path, state: Mapping[str, Any]) -> None:
    """Writes tensors and plain values. It is the old or the new one that is there, whenever the power goes."""
    path = folder / NAME
    part = path.with_name(f"{NAME}.part")
    with part.open("wb") as file:
        torch.save({"format": FORMAT, **state}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    # The name is an entry of the folder, and that has to be on the disk too.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load(folder: Path, device: torch.device) -> dict[str, Any] | None:
    """The checkpoint of a run, None before its first. Raises E0913 for a damaged one, E0603 for a newer format."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        with warnings.catch_warnings():
            # What torch thinks of a file that is none is said below.
            warnings.simplefilter("ignore")
            state = torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as problem:
        raise damaged(folder, str(problem)) from None
    if not isinstance(state, dict) or not isinstance(state.get("format"), int):
        raise damaged(folder, "it holds something else")
    if state["format"] > FORMAT:
        raise newer(path, state["format"])
    return state


def damaged(folder: Path, why: str) -> NasdslError:
    """E0913 for a checkpoint that cannot be gone on with."""
    note = (why.splitlines() or ["it cannot be read"])[0][:200]
    return error("E0913", f"{folder / NAME} is damaged", notes=[note], helps=["start a new run"])
