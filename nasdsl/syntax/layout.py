"""The canonical layout of a `.nas` text.

What was written on one line stays on one line where it fits; what was written over several keeps its rows. A body in
braces has a statement a line, or several with `;` where they were written so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from nasdsl.source import SourceFile
from nasdsl.syntax.columns import INDENT, WIDTH, Line, Row, rendered, table
from nasdsl.syntax.pieces import CLAUSES, Comment, Group, Run, Word, pieces, separators

_CONTINUED: Final = 2 * INDENT
_SKELETON: Final = frozenset(("input", "stem", "stage", "head"))
_DEFINES: Final = frozenset(("LET", "PARAM", "HYPER", "OPS", "CELL", "MOTIF"))
_BODIES: Final = frozenset(("STAGE", "BLOCK", "NODE", "CELL", "MOTIF"))


def layout(source: SourceFile) -> str:
    """The text of a file that parses, laid out anew."""
    return rendered(_body(pieces(source), 0))


# ---- on one line -------------------------------------------------------------------------------


def _flat(run: Run, pad: int = 0) -> str:
    """A run on one line; its first word is padded."""
    return _joined(run.items, pad)


def _joined(items: list[Word | Group], pad: int = 0) -> str:
    text = ""
    for i, item in enumerate(items):
        shown = item.text if isinstance(item, Word) else _bracketed(item)
        text += _padded(item, shown, pad) if i == 0 else shown if item.glued else f" {shown}"
    return text


def _padded(item: Word | Group, shown: str, pad: int) -> str:
    """The first word of a clause or of a part of a net, as wide as its neighbours'."""
    return shown.ljust(pad) if isinstance(item, Word) and item.kind.lower() in CLAUSES | _SKELETON else shown


def _bracketed(group: Group) -> str:
    if not group.brace:
        return group.opening + ", ".join(map(_flat, group.runs)) + group.closing
    return " ".join(_braced(group)) if group.runs else "{ }"


def _braced(group: Group) -> list[str]:
    """A short body in cells, one for each statement."""
    *most, last = map(_flat, group.runs)
    cells = [*(f"{text};" for text in most), f"{last} }}"]
    return [f"{{ {cells[0]}", *cells[1:]]


# ---- bodies ------------------------------------------------------------------------------------


def _body(group: Group, indent: int) -> list[Line]:
    """The lines between the braces of a body."""
    lines: list[Line] = []
    pad = _padding(group)
    for form, neighbours in groupby(_parts(group, indent, pad), key=lambda part: part[1]):
        parts = list(neighbours)
        rows = [row for _, _, row in parts if row is not None]
        texts = table(rows) if form is not None else []
        if any(len(text) + indent > WIDTH for text in texts):
            texts = [text for row in rows for text in table([row])]
        for i, (runs, _, row) in enumerate(parts):
            _above(lines, runs[0], indent)
            if row is not None:
                lines.append(Line(" " * indent + texts[i], runs[-1].after, group))
            elif len(runs) == 1 and runs[0].flat and indent + len(_flat(runs[0], pad)) <= WIDTH:
                lines.append(Line(" " * indent + _flat(runs[0], pad), runs[0].after, group))
            else:
                lines += _run(runs[0], indent, pad)
    for comment in group.tail:
        _comment(lines, comment, indent)
    return lines


def _parts(group: Group, indent: int, pad: int) -> Iterator[tuple[list[Run], object, Row | None]]:
    """The rows of a body: the statements of each, what tells its form from its neighbours', and its cells."""
    section = 0
    for runs in _rows(group, indent, pad):
        row = _row(runs, group, pad) if all(run.flat for run in runs) else None
        if row is not None and indent + len(table([row])[0]) > WIDTH:
            row = None
        section += bool(runs[0].above or runs[0].blank)
        yield runs, None if row is None else (row.form, section), row


def _rows(group: Group, indent: int, pad: int) -> list[list[Run]]:
    """Statements that share a line: those that did, where they still fit."""
    rows: list[list[Run]] = []
    for run in group.runs:
        shares = rows and run.joined and (not group.one_line or group.holds == "") and group.holds != "file"
        if shares and run.flat and not run.above and rows[-1][-1].flat and not rows[-1][-1].after:
            rows[-1].append(run)
        else:
            rows.append([run])
    return [part for row in rows for part in _split(row, indent, pad)]


def _split(row: list[Run], indent: int, pad: int) -> list[list[Run]]:
    length = indent + len("; ".join(_flat(run, pad if i == 0 else 0) for i, run in enumerate(row)))
    return [row] if len(row) == 1 or length <= WIDTH else [[run] for run in row]


def _padding(group: Group) -> int:
    """How wide the first words of a node's clauses or of a net's parts are."""
    words = CLAUSES if group.holds == "node" else _SKELETON if group.holds == "net" else frozenset()
    first = {run.first.text for run in group.runs if run.first.kind.lower() == run.first.text} & words
    return max(map(len, first), default=0)


def _row(runs: list[Run], group: Group, pad: int) -> Row | None:
    """The cells of a row; None where its form is no table."""
    if len(runs) > 1:
        texts = [_flat(run, pad if i == 0 else 0) for i, run in enumerate(runs)]
        return Row((";",), [], [*(f"{text};" for text in texts[:-1]), texts[-1]], tuple(map(_kind, runs)))
    run = runs[0]
    kind = run.first.kind
    fixes = group.holds == "genotype" and kind == "NAME"
    last = run.items[-1]
    braces = [item for item in run.items if isinstance(item, Group) and item.brace]
    if (kind in _BODIES or fixes) and braces == [last] and isinstance(last, Group) and last.runs:
        head = run.items[:-1]
        form = (kind, "named" if kind == "STAGE" and len(head) > 2 else "")
        if last.holds != "node":
            return Row(form, _head(head, kind), [_bracketed(last)])
        return Row(form, _head(head, kind), _braced(last), tuple(map(_kind, last.runs)))
    equal = next((i for i, item in enumerate(run.items) if isinstance(item, Word) and item.kind == "EQUAL"), None)
    if equal is not None and (kind in _DEFINES or fixes):
        return Row((kind, "="), [_joined(run.items[:equal])], [_joined(run.items[equal:])])
    return None


def _head(items: list[Word | Group], kind: str) -> list[str]:
    """What stands before a short body; the arguments of a stage are cells of their own."""
    args = items[-1]
    if kind != "STAGE" or not isinstance(args, Group) or not args.runs:
        return [_joined(items)]
    *most, last = map(_flat, args.runs)
    cells = [*(f"{text}," for text in most), f"{last})"]
    return [_joined(items[:-1]), f"({cells[0]}", *cells[1:]]


def _kind(run: Run) -> str:
    return run.first.text if run.first.text in CLAUSES else ""


def _above(lines: list[Line], run: Run, indent: int) -> None:
    for comment in run.above:
        _comment(lines, comment, indent)
    _blank(lines, run.blank)


def _comment(lines: list[Line], comment: Comment, indent: int) -> None:
    _blank(lines, comment.blank)
    lines.append(Line(" " * indent + comment.text))


def _blank(lines: list[Line], wanted: bool) -> None:
    if wanted and lines:
        lines.append(Line(""))


# ---- over several lines ------------------------------------------------------------------------


def _run(run: Run, indent: int, pad: int = 0, end: str = "") -> list[Line]:
    """A statement or an entry that does not stand on one line: it is broken in as few places as will do.

    Braces are broken first, then rows of alternatives, then the longest brackets.
    """
    groups = [item for item in run.items if isinstance(item, Group) and (item.runs or not item.flat)]
    broken = [group for group in groups if not group.flat]
    if any(group.brace for group in broken):
        broken = [group for group in groups if not group.flat or group.brace]
    filled = False
    while True:
        wrapped = _Wrapped(run, indent, pad, broken, filled)
        lines = wrapped.lines(end)
        if not wrapped.too_long:
            return lines
        whole = [group for group in groups if group not in broken]
        if braces := [group for group in whole if group.brace]:
            broken = [*broken, *braces]
        elif not filled and separators(run):
            filled = True
        elif wrapped.widest:
            broken = [*broken, *wrapped.widest]
        else:
            return lines


class _Wrapped:
    """A run with some of its groups broken, and with its rows filled or only broken where they were."""

    def __init__(self, run: Run, indent: int, pad: int, broken: list[Group], filled: bool) -> None:
        self.run, self.indent, self.pad = run, indent, pad
        self.broken = {id(group) for group in broken}
        self.places = separators(run) if filled else set()
        self.made: list[Line] = []
        self.current = " " * indent
        self.whole: list[Group] = []  # unbroken on the current line
        self.too_long = False
        self.widest: list[Group] = []  # of each line that is too long

    def lines(self, end: str) -> list[Line]:
        """The lines. Afterwards `too_long` says whether one of its own is too long, and `widest` what to break."""
        for i, item in enumerate(self.run.items):
            self.place(i)
            fresh = not self.current.strip()
            self.current += "" if item.glued or fresh else " "
            if isinstance(item, Word):
                self.current += _padded(item, item.text, self.pad) if i == 0 else item.text
            elif id(item) in self.broken:
                self.open(item)
            else:
                self.current += _bracketed(item)
                self.whole += [item] if item.runs else []
        self.current += end
        self.finish(self.run.after)
        return self.made

    def finish(self, comment: str = "") -> None:
        if len(self.current) > WIDTH:
            self.too_long = True
            self.widest += [max(self.whole, key=lambda group: len(_bracketed(group)))] if self.whole else []
        self.whole = []
        self.made.append(Line(self.current, comment, self.run))

    def place(self, i: int) -> None:
        """Begin a new line before an item, where one was written or where the row is full."""
        written = self.run.breaks.get(i)
        if written is None and (i not in self.places or len(self.current) + self.room(i) <= WIDTH):
            return
        self.finish(written.after if written else "")
        inner = self.indent + _CONTINUED
        for comment in written.above if written else ():
            _comment(self.made, Comment(comment.text), inner)
        self.current = " " * inner

    def room(self, i: int) -> int:
        """How long what follows is, up to the next place where the line may end."""
        items = self.run.items
        end = next((j for j in range(i + 1, len(items)) if j in self.places or j in self.run.breaks), len(items))
        return 1 + len(_joined([item for item in items[i:end] if id(item) not in self.broken]))

    def open(self, group: Group) -> None:
        indent = len(self.current) - len(self.current.lstrip())
        self.current += group.opening
        self.finish(group.head)
        self.made += (_body if group.brace else _entries)(group, indent + INDENT)
        self.current = " " * indent + group.closing


def _entries(group: Group, indent: int) -> list[Line]:
    """The rows between the brackets of a list: those that were written, and more where they are too long."""
    lines: list[Line] = []
    row: list[str] = []
    commas = group.commas and len(group.runs) > 1
    for i, run in enumerate(group.runs):
        end = "," if commas else ""
        text = _flat(run) + end if run.flat else ""
        full = bool(row) and indent + len(" ".join([*row, text])) > WIDTH
        if row and (not text or full or not run.joined or run.above):
            lines.append(Line(" " * indent + " ".join(row), "", group))
            row = []
        if not row:
            _above(lines, run, indent)
        if not text or indent + len(text) > WIDTH:
            lines += _run(run, indent, 0, end)
            continue
        row.append(text)
        if run.after or i == len(group.runs) - 1:
            lines.append(Line(" " * indent + " ".join(row), run.after, group))
            row = []
    for comment in group.tail:
        _comment(lines, comment, indent)
    return lines
