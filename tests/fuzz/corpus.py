"""The spaces that are mutated: those shipped, the library, short ones that use every construct, and mistakes."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import nasdsl

HERE: Final = Path(__file__).parent
LIBRARY: Final = Path(nasdsl.__file__).parent / "library"
# How often a group is drawn from.
SHARES: Final = {"small": 8, "corpus": 8, "errors": 3, "library": 1, "whole": 1}


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """Texts by group, in the order of their names; `small` has the shipped spaces with short stages."""
    whole = tuple(path.read_text(encoding="utf-8") for path in nasdsl.shipped().values())
    return {
        "small": tuple(map(_small, whole)),
        "whole": whole,
        "library": _texts(LIBRARY),
        "corpus": _texts(HERE / "corpus"),
        "errors": _texts(HERE.parent / "errors"),
    }


def _texts(folder: Path) -> tuple[str, ...]:
    found = (path.read_bytes().decode("utf-8", errors="replace") for path in sorted(folder.glob("*.nas")))
    return tuple(text for text in found if len(text) < 20_000)


def _small(text: str) -> str:
    """A chain of twenty cells is as good a test as one of three, and takes seven times as long."""
    return re.sub(r"^(param N = )\d+", r"\g<1>1", text, flags=re.MULTILINE)


def drawn(rng: Random) -> str:
    """One of the texts."""
    (group,) = rng.choices(list(SHARES), list(SHARES.values()))
    return rng.choice(groups()[group])
