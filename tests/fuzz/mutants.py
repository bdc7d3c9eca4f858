"""Input number `index` of a seed."""

from __future__ import annotations

from random import Random
from typing import Final

from . import corpus, raw, trees, words

LEVELS: Final = ("bytes", "tokens", "tree")


def mutant(seed: int, index: int) -> bytes:
    """The same bytes for the same seed and index: a text mutated at one level, rarely at two."""
    rng = Random(f"{seed}/{index}")
    text, other = corpus.drawn(rng), corpus.drawn(rng)
    level = LEVELS[index % len(LEVELS)]
    if level != "bytes" or rng.random() < 0.1:
        text = trees.mutated(text, other, rng) if level == "tree" else words.mutated(text, other, rng)
    data = text.encode("utf-8")
    return raw.mutated(data, other.encode("utf-8"), rng) if level == "bytes" or rng.random() < 0.02 else data
