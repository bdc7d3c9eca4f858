"""Where a name is declared, and where it is used."""

from __future__ import annotations

from pathlib import Path

import nasdsl
from nasdsl.lsp.document import Document
from nasdsl.source import SourceFile, Span


def definition(document: Document, offset: int) -> Span | None:
    """The name in its declaration; of an imported one, in the file that it comes from."""
    found = document.meaning(offset)
    if found is None or found[1] is None:
        return None
    symbol = found[1]
    if symbol.kind == "import":
        meant = document.scope.names.get(symbol.name)
        if meant is not None and meant.span is not None:
            return meant.span
    return symbol.span


def references(document: Document, offset: int, declaration: bool = True) -> tuple[Span, ...]:
    """Every place in this file where the name at an offset is used, in order, and its declaration."""
    found = document.meaning(offset)
    if found is None or found[1] is None:
        return ()
    spans = [r.span for r in document.symbols.references_to(found[1])]
    return tuple(sorted([found[1].span] * declaration + spans, key=lambda s: s.start))


def file_of(source: SourceFile) -> Path | None:
    """The file on disk of a source, the shipped library's too."""
    return Path(nasdsl.__file__).parent / source.name if source.library else source.path
