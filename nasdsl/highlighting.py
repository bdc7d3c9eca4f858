"""The words of the language in the groups that an editor colours, from the grammar."""

from __future__ import annotations

from typing import Final

from nasdsl.syntax.tables import tables
from nasdsl.syntax.words import home

NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[KMG]?\b"
# Names that stand for values wherever they are written; they are no keywords.
VALUES: Final = ("earlier", "prev", "unused")
# The keywords that a declared name follows.
DECLARES: Final = (
    "param", "hyper", "let", "ops", "cell", "motif", "block", "net", "genotype", "node", "stage", "tap",
)  # fmt: skip


def groups() -> dict[str, tuple[str, ...]]:
    """Every keyword once: `declaration`, `statement` (what else opens a line), `operator` (what stands in values)."""
    found: dict[str, list[str]] = {"declaration": [], "statement": [], "operator": []}
    for word, kind in sorted(tables().words.items()):
        if word.isalpha():
            place = home(kind)
            found["declaration" if "top of" in place else "statement" if place else "operator"].append(word)
    return {group: tuple(words) for group, words in found.items()}


def symbols() -> tuple[str, ...]:
    """Every operator and bracket, the longer ones first."""
    return tuple(sorted((w for w in tables().words if not w.isalpha()), key=lambda w: (-len(w), w)))
