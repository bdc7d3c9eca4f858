"""The declarations of a file as a tree, for the outline of an editor."""

from __future__ import annotations

from dataclasses import dataclass

from nasdsl.lsp.document import Document
from nasdsl.syntax.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Entry:
    """One declared name with those inside it. Its extent holds the extents of them all."""

    symbol: Symbol
    inner: tuple[Entry, ...]


def outline(document: Document) -> tuple[Entry, ...]:
    """What a file declares, imports left out: they are declared elsewhere."""
    inside: dict[Symbol | None, list[Symbol]] = {}
    for symbol in document.symbols.declarations:
        if symbol.kind != "import":
            inside.setdefault(symbol.container, []).append(symbol)
    return _entries(None, inside)


def _entries(container: Symbol | None, inside: dict[Symbol | None, list[Symbol]]) -> tuple[Entry, ...]:
    return tuple(Entry(symbol, _entries(symbol, inside)) for symbol in inside.get(container, ()))
