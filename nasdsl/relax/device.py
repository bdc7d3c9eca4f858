"""Where tensors live, and what makes a computation come out the same again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from nasdsl.diagnostics import error


def device(name: str) -> torch.device:
    """The device of that name. Raises E0934 where this machine has none."""
    found = torch.device(name)
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (found.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there[found.type]:
        raise error("E0934", f"this machine has no device `{name}`", helps=("--device cpu",))
    return found


@contextmanager
def repeatable(where: torch.device, threads: int) -> Iterator[None]:
    """Computes with so many threads and, beside the CPU, with algorithms that add in one order; leaves all as it was.

    How sums are rounded depends on the number of threads. Generators of torch may be seeded inside.
    """
    before, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    if where.type != "cpu":
        torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
            yield
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(False)
        torch.use_deterministic_algorithms(deterministic)
