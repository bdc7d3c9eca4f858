"""Diagnostics for people and for programs: the one renderer, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import combining, east_asian_width

from nasdsl.diagnostics import Diagnostic, Label
from nasdsl.source import SourceFile, Span

MOST_SHOWN: Final = 20
_WIDEST: Final = 100  # columns of a source line; a longer one is clipped around its span
_TAB: Final = 4
_ENDLESS: Final = 2000  # characters of a source line
_LONGEST: Final = 1000  # characters of a message
_COLOURS: Final = {
    "error": "\033[1;31m",
    "warning": "\033[1;33m",
    "label": "\033[36m",
    "frame": "\033[34m",
    "bold": "\033[1m",
}


def terminal(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All diagnostics in full, at most MOST_SHOWN, and a last line that counts them. "" where there is none."""
    every = tuple(diagnostics)
    if not every:
        return ""
    paint = _Paint(color)
    shown = [_diagnostic(d, paint) for d in every[:MOST_SHOWN]]
    return "\n\n".join([*shown, _count(every)]) + "\n"


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """One JSON object: `errors` and `warnings` (counts) and all `diagnostics`, as docs/diagnostics.md has it."""
    every = tuple(diagnostics)
    errors = sum(d.severity == "error" for d in every)
    whole = {"errors": errors, "warnings": len(every) - errors, "diagnostics": [as_data(d) for d in every]}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def as_data(d: Diagnostic) -> dict[str, Any]:
    """A diagnostic for a program, as numbers and texts; `place` is None where it lies in no file.

    Lines and columns count from 1, columns in characters; an end is exclusive.
    """
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "place": _place(d.span),
        "label": d.label,
        "labels": [{"place": _place(label.span), "message": label.message} for label in d.labels],
        "notes": list(d.notes),
        "helps": list(d.helps),
    }


def beside(d: Diagnostic) -> str:
    """What an editor shows at the span itself: everything but the excerpt and the other places."""
    said = [f"note: {note}" for note in d.notes] + [f"help: {text}" for text in d.helps]
    return "\n".join(filter(None, [d.message, d.label, *said]))


def _place(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    (line, column), (end_line, end_column) = span.source.position(span.start), span.source.position(span.end)
    return {"file": span.source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _count(every: Sequence[Diagnostic]) -> str:
    errors = sum(d.severity == "error" for d in every)
    counts = [(errors, "error"), (len(every) - errors, "warning")]
    said = " and ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)
    return said + (f", the first {MOST_SHOWN} shown" if len(every) > MOST_SHOWN else "")


@dataclass(frozen=True, slots=True)
class _Paint:
    """Wraps text in an ANSI colour, or leaves it as it is."""

    on: bool

    def __call__(self, style: str, text: str) -> str:
        return f"{_COLOURS[style]}{text}\033[0m" if self.on and text else text


@dataclass(frozen=True, slots=True)
class _Mark:
    """An underline on one line: 0-based offsets in the line's text."""

    line: int
    start: int
    end: int
    message: str
    primary: bool


def _diagnostic(d: Diagnostic, paint: _Paint) -> str:
    head = paint(d.severity, f"{d.severity}[{d.code}]") + paint("bold", f": {_plain(d.message)}")
    labels = ([Label(d.span, d.label)] if d.span else []) + list(d.labels)
    sources = list(dict.fromkeys(label.span.source for label in labels))
    marks = {
        s: _marks(s, [(label, i == 0) for i, label in enumerate(labels) if label.span.source == s]) for s in sources
    }
    gutter = max((len(str(mark.line)) for found in marks.values() for mark in found), default=1)
    lines = [head]
    for i, source in enumerate(sources):
        lines += _excerpt(source, marks[source], gutter, "-->" if i == 0 else ":::", paint)
    said = [f"note: {note}" for note in d.notes] + [f"help: {text}" for text in d.helps]
    if said and sources:
        lines.append(" " * gutter + " " + paint("frame", "|"))
    lines += [" " * gutter + " " + paint("frame", "=") + " " + _plain(text) for text in said]
    return "\n".join(lines)


def _marks(source: SourceFile, labels: Iterable[tuple[Label, bool]]) -> list[_Mark]:
    found = []
    for label, primary in labels:
        line, column = source.position(min(label.span.start, len(source.text)))
        text = source.line(line)
        start = min(column - 1, len(text))
        end = min(start + max(label.span.end - label.span.start, 1), max(len(text), start + 1))
        found.append(_Mark(line, start, end, label.message, primary))
    return sorted(found, key=lambda m: (m.line, not m.primary, -m.start))


def _excerpt(source: SourceFile, marks: list[_Mark], gutter: int, arrow: str, paint: _Paint) -> Iterator[str]:
    """The place, then every marked line with its underlines; `...` stands for lines left out."""
    first = next((m for m in marks if m.primary), marks[0])
    bar = paint("frame", "|")
    yield " " * gutter + paint("frame", arrow) + f" {_plain(source.name)}:{first.line}:{first.start + 1}"
    yield " " * gutter + f" {bar}"
    last = None
    for number in sorted({m.line for m in marks}):
        if last is not None and number == last + 2:
            yield _numbered(number - 1, _Line(source.line(number - 1), 0).shown, gutter, paint)
        elif last is not None and number > last + 1:
            yield paint("frame", "...")
        here = [m for m in marks if m.line == number]
        line = _Line(source.line(number), min(m.start for m in here), max(m.end for m in here))
        yield _numbered(number, line.shown, gutter, paint)
        for mark in here:
            start, end = line.column(mark.start), max(line.column(mark.end), line.column(mark.start) + 1)
            under = ("^" if mark.primary else "-") * (end - start)
            text = f"{under} {_plain(mark.message)}".rstrip()
            yield f"{' ' * gutter} {bar} {' ' * start}{paint('error' if mark.primary else 'label', text)}"
        last = number


def _numbered(number: int, text: str, gutter: int, paint: _Paint) -> str:
    return f"{paint('frame', f'{number:>{gutter}} |')} {text}".rstrip()


class _Line:
    """A source line as shown, and where its characters went.

    Tabs become spaces and control characters `?`; a long line is clipped around the span.
    """

    def __init__(self, text: str, start: int, end: int = 0) -> None:
        # Of a line without end only the surroundings of the span are looked at.
        self._base = base = max(start - 2 * _WIDEST, 0) if len(text) > _ENDLESS else 0
        self._length = len(text) - base
        text, start, end = text[base : base + _ENDLESS], start - base, end - base
        columns, pieces = [0], []
        for char in text:
            shown = " " * (_TAB - columns[-1] % _TAB) if char == "\t" else _plain(char)
            pieces.append(shown)
            columns.append(columns[-1] + sum(map(_width, shown)))
        first = self._first(columns, start, end)
        self._shift = columns[first] - (4 if first or base else 0)
        last = first
        while last < len(pieces) and columns[last + 1] - columns[first] <= _WIDEST:
            last += 1
        self._limit = last
        self._columns = columns
        self.shown = (
            ("... " if first or base else "") + "".join(pieces[first:last]) + (" ..." if last < len(pieces) else "")
        )

    @staticmethod
    def _first(columns: list[int], start: int, end: int) -> int:
        """The first character to show: 0 where the span fits, else about a third of a line before the span."""
        if columns[-1] <= _WIDEST or columns[min(end, len(columns) - 1)] <= _WIDEST - 4:
            return 0
        return next(i for i, c in enumerate(columns) if columns[start] - c <= _WIDEST // 3)

    def column(self, offset: int) -> int:
        """The column at which a character is shown, counted from 0."""
        offset -= self._base
        inside = min(offset, self._limit) if offset < len(self._columns) else self._limit
        return max(self._columns[inside] - self._shift, 0) + max(offset - self._length, 0)


def _plain(text: str) -> str:
    """Text that cannot steer a terminal, or fill it."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 4 :]}"
    return text if text.isprintable() else "".join(c if c.isprintable() or c == " " else "?" for c in text)


def _width(char: str) -> int:
    if char.isascii():
        return 1
    return 0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1
