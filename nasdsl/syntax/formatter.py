"""`.nas` text in its canonical layout: the same declarations, the same comments."""

from __future__ import annotations

from collections import Counter

from nasdsl.diagnostics import InternalError, NasdslError, error
from nasdsl.source import SourceFile
from nasdsl.syntax.layout import layout
from nasdsl.syntax.lexer import comments
from nasdsl.syntax.parser import LARGEST, parse


def formatted(source: SourceFile) -> str:
    """The text laid out anew. Raises NasdslError where it does not parse.

    Raises InternalError rather than give a text that says something else, or that lacks a comment.
    """
    before = parse(source)
    after = SourceFile(source.name, layout(source))
    if len(after.text) > LARGEST:
        raise error("E0112", f"`{source.name}` would be larger than {LARGEST:,} characters when it is laid out")
    try:
        same = parse(after).items == before.items
    except NasdslError:
        same = False
    if not same:
        raise InternalError(f"the layout of `{source.name}` would change what it says; nothing was written")
    if _told(after) != _told(source):
        raise InternalError(f"the layout of `{source.name}` would lose a comment; nothing was written")
    return after.text


def _told(source: SourceFile) -> Counter[str]:
    return Counter(comment.text.rstrip() for comment in comments(source))
