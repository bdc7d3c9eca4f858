"""A new name for a symbol, everywhere in the file, where all other names go on meaning what they mean."""

from __future__ import annotations

import re

from nasdsl.lsp.document import Document
from nasdsl.lsp.navigation import references
from nasdsl.source import Span
from nasdsl.syntax.symbols import Symbol, Symbols
from nasdsl.syntax.tables import tables


class Refused(Exception):  # noqa: N818 - it is an answer
    """Why a symbol cannot have this name."""


def renamed(document: Document, offset: int, name: str) -> tuple[Span, ...]:
    """The places that take the new name. Raises Refused with the reason where the file would say something else."""
    symbol = target(document, offset)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise Refused(f"`{name}` is not a name: letters a-z and A-Z, digits and `_`")
    if name in tables().words:
        raise Refused(f"`{name}` is a keyword and cannot be a name")
    if document.problems and any(d.code.startswith("E01") for d in document.problems):
        raise Refused("the file has a mistake in its text; a rename would miss what cannot be read")
    for other in document.symbols.declarations:
        if other.name == name and other is not symbol and other.container is symbol.container:
            line = document.source.position(other.span.start)[0]
            raise Refused(f"`{name}` is declared in line {line} already")
    places = references(document, offset)
    text = document.source.text
    for place in reversed(places):
        text = text[: place.start] + name + text[place.end :]
    if _meanings(Document(text).symbols) != _meanings(document.symbols):
        raise Refused(f"`{name}` means something else at a place where `{symbol.name}` is used, or hides it")
    return places


def target(document: Document, offset: int) -> Symbol:
    """The symbol whose name stands at an offset. Raises Refused where it is none that this file names."""
    found = document.meaning(offset)
    if found is None or found[1] is None:
        raise Refused("there is no name here that this file declares")
    symbol = found[1]
    if symbol.kind == "import":
        raise Refused(f"`{symbol.name}` is imported and has its name from there")
    if symbol.span.text != symbol.name or symbol.name in tables().words:
        raise Refused("this net has no name of its own")
    return symbol


def _meanings(index: Symbols) -> list[int | None]:
    """For every reference in order, which declaration it means."""
    numbers = {symbol: i for i, symbol in enumerate(index.declarations)}
    return [numbers[r.symbol] if r.symbol is not None else None for r in index.references]
