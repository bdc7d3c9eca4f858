"""Columns: neighbouring lines of one form are a table, and comments behind neighbouring lines stand in one column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 120
INDENT: Final = 2


@dataclass
class Line:
    """A line of the layout, with the comment behind it. Comments of neighbouring lines of one `owner` are aligned."""

    text: str
    comment: str = ""
    owner: object = None


@dataclass
class Row:
    """A statement or several on one line, in cells: its head, and what follows. Only rows of one `form` are aligned."""

    form: tuple[str, ...]
    head: list[str]
    rest: list[str]
    kinds: tuple[str, ...] = ()  # what the cells of the rest say; one column says one thing


def table(rows: Sequence[Row]) -> list[str]:
    """The lines of neighbouring rows of one form."""
    heads = _padded([row.head for row in rows], [() for _ in rows])
    widest = max(map(len, heads))
    rests = _padded([row.rest for row in rows], [row.kinds for row in rows])
    return [f"{head.ljust(widest)} {rest}" if head else rest for head, rest in zip(heads, rests, strict=True)]


def _padded(rows: list[list[str]], kinds: list[tuple[str, ...]]) -> list[str]:
    """Each cell but the last of its row is as wide as the widest in its column."""
    for j in range(max(map(len, rows))):
        column = [i for i, cells in enumerate(rows) if len(cells) > j + 1]
        if len({kinds[i][: j + 1] for i in column}) > 1:
            break
        widest = max((len(rows[i][j]) for i in column), default=0)
        for i in column:
            rows[i] = [*rows[i][:j], rows[i][j].ljust(widest), *rows[i][j + 1 :]]
    return [" ".join(cells) for cells in rows]


def rendered(lines: Sequence[Line]) -> str:
    """The text, with comments in their columns."""
    shown: list[str] = []
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and lines[at].owner is not None and lines[end].owner is lines[at].owner:
            end += 1
        shown += _commented(lines[at:end])
        at = end
    return "\n".join(shown) + "\n"


def _commented(block: Sequence[Line]) -> list[str]:
    told = [line for line in block if line.comment]
    column = max((len(line.text) for line in told), default=0)
    if any(column + INDENT + len(line.comment) > WIDTH for line in told):
        column = 0
    return [f"{line.text.ljust(column)}  {line.comment}" if line.comment else line.text for line in block]
