"""Quick fixes for the diagnostics of a range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nasdsl import fixes
from nasdsl.diagnostics import Diagnostic
from nasdsl.lsp.document import Document


@dataclass(frozen=True, slots=True)
class Action:
    """One edit, and the diagnostic it takes away. `only` is whether the diagnostic has no other."""

    diagnostic: Diagnostic
    edit: fixes.Edit
    only: bool


def actions(document: Document, start: int, end: int) -> Iterator[Action]:
    """Every quick fix of every diagnostic that touches the range."""
    for d in document.problems:
        if d.span is not None and d.span.source == document.source and d.span.start <= end and start <= d.span.end:
            offered = fixes.edits(d)
            yield from (Action(d, edit, len(offered) == 1) for edit in offered)
