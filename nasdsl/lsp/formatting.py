"""The canonical layout of a document, as changes of the lines that differ."""

from __future__ import annotations

from difflib import SequenceMatcher

from nasdsl.diagnostics import NasdslError
from nasdsl.lsp.document import Document
from nasdsl.source import Span
from nasdsl.syntax.formatter import formatted
from nasdsl.syntax.insertion import Change


def formatting(document: Document) -> tuple[Change, ...]:
    """What has to change; nothing where the text cannot be read, whose mistakes are shown anyway."""
    source = document.source
    try:
        text = formatted(source)
    except NasdslError:
        return ()
    old, new = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(
        Change(Span(source, starts[a], starts[b]), "".join(new[c:d])) for tag, a, b, c, d in blocks if tag != "equal"
    )
