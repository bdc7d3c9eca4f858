"""Quick fixes: how a help that can be typed is applied to the text.

One table says it, by the code of the diagnostic and the words of its helps and labels. A help that leaves something to
decide (`cell name(x) { ... }`) gives no edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nasdsl.diagnostics import Diagnostic
from nasdsl.fixes.table import HELPS, LABELS, TRIED, Row
from nasdsl.source import SourceFile, Span
from nasdsl.syntax.insertion import Change
from nasdsl.syntax.parser import parse_partly


@dataclass(frozen=True, slots=True)
class Edit:
    """What an editor offers under a diagnostic: changes of one text that do not overlap, and their name."""

    title: str
    changes: tuple[Change, ...]

    def moved(self, offset: int) -> int:
        """Where a character of the text stands once all changes are made."""
        return offset + sum(len(c.text) - len(c.span.text) for c in self.changes if c.span.end <= offset)

    def applied(self, text: str) -> str:
        """The text with all changes made."""
        for change in sorted(self.changes, key=lambda c: c.span.start, reverse=True):
            text = text[: change.span.start] + change.text + text[change.span.end :]
        return text


def edits(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    """Every way to apply one of the diagnostic's helps; where none can be, what its labels say to type."""
    span = diagnostic.span
    if span is None or span.source.library:
        return ()
    marks = (diagnostic.label, *(label.message for label in diagnostic.labels))
    made = _made(diagnostic, span, diagnostic.helps, HELPS) or _made(diagnostic, span, marks, LABELS)
    return tuple({edit.changes: edit for edit in reversed(made)}.values())[::-1]


def _made(d: Diagnostic, span: Span, said: Iterable[str], table: Iterable[Row]) -> list[Edit]:
    """For each text the edit of the first row that fits."""
    found = []
    for text in said:
        for codes, shape, title, make in table:
            words = re.fullmatch(shape, text, re.DOTALL)
            if words is None or not re.fullmatch(codes, d.code):
                continue
            edit = Edit(words.expand(title), tuple(make(d, span, words)))
            if edit.changes and (not d.code.startswith("E01") or _better(d, span, edit, make in TRIED)):
                found.append(edit)
                break
    return found


def _better(d: Diagnostic, span: Span, edit: Edit, tried: bool) -> bool:
    """Whether a mistake in the text goes away. What can follow a wrong word is known only when it has been tried.

    Another mistake may come to light behind it, but not where the place of the help is only tried, too.
    """
    source = span.source
    changed = SourceFile(source.name, edit.applied(source.text))
    before, after = parse_partly(source)[1], parse_partly(changed)[1]
    line = changed.position(edit.moved(span.start))[0]
    left = _alike(after, d.code, line) - _alike(before, d.code, source.position(span.start)[0])
    return left < 0 and len(after) <= len(before) - tried


def _alike(found: Iterable[Diagnostic], code: str, line: int) -> int:
    return sum(d.code == code and d.span is not None and d.span.source.position(d.span.start)[0] == line for d in found)
