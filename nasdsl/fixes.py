"""Quick fixes: how a help that can be typed is applied to the text.

One table says it, by the code of the diagnostic and the words of its helps and labels. A help that leaves something to
decide (`cell name(x) { ... }`) gives no edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from nasdsl.diagnostics import Diagnostic
from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.insertion import Change, around, first_in, importing, last_in, lines, without_import
from nasdsl.syntax.parser import parse_partly
from nasdsl.syntax.symbols import Symbol, symbols
from nasdsl.syntax.tables import tables

Words = re.Match[str]
Changes = list[Change]


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
    made = _made(diagnostic, span, diagnostic.helps, _HELPS) or _made(diagnostic, span, marks, _LABELS)
    return tuple({edit.changes: edit for edit in reversed(made)}.values())[::-1]


def _made(d: Diagnostic, span: Span, said: Iterable[str], table: Iterable[_Row]) -> list[Edit]:
    """For each text the edit of the first row that fits."""
    found = []
    for text in said:
        for codes, shape, title, make in table:
            words = re.fullmatch(shape, text, re.DOTALL)
            if words is None or not re.fullmatch(codes, d.code):
                continue
            edit = Edit(words.expand(title), tuple(make(d, span, words)))
            if edit.changes and (not d.code.startswith("E01") or _better(d, span, edit)):
                found.append(edit)
                break
    return found


def _better(d: Diagnostic, span: Span, edit: Edit) -> bool:
    """Whether a mistake in the text goes away, and no other comes instead.

    What can follow a wrong word is known only when it has been tried.
    """
    source = span.source
    changed = SourceFile(source.name, edit.applied(source.text))
    before, after = parse_partly(source)[1], parse_partly(changed)[1]
    line = changed.position(edit.moved(span.start))[0]
    left = _alike(after, d.code, line) - _alike(before, d.code, source.position(span.start)[0])
    return left < 0 and len(after) <= len(before)


def _alike(found: Iterable[Diagnostic], code: str, line: int) -> int:
    return sum(d.code == code and d.span is not None and d.span.source.position(d.span.start)[0] == line for d in found)


# ---- ways to apply -----------------------------------------------------------------------------


def _replace(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The first group of the words stands for the primary span."""
    return [Change(span, words[1])]


def _delete(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, "")]


def _equals(d: Diagnostic, span: Span, words: Words) -> Changes:
    """With a space before it, as it is written, where the colon had none."""
    return [Change(span, "=" if span.source.text[span.start - 1].isspace() else " =")]


def _same_kind(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The first group, where the primary span is one word or one call and so is the help."""
    return [Change(span, words[1])] if re.fullmatch(r'[\w.]+|"\w*"', span.text) else []


def _call(d: Diagnostic, span: Span, words: Words) -> Changes:
    """A call for the name or the call of the same operation."""
    return [Change(span, words[1])] if span.text.partition("(")[0] == words[2] else []


def _nearest(d: Diagnostic, span: Span, words: Words) -> Changes:
    """In a clause: the piece that is most like what was meant."""
    pieces = {m.group(): m.span() for m in re.finditer(r"[\w.]+(\[[^\]]*\])?(\([^)]*\))?", span.text)}
    close = get_close_matches(words[1], [p for p in pieces if p != words[1]], n=1)
    return [Change(_part(span, *pieces[close[0]]), words[1])] if close else []


def _module(d: Diagnostic, span: Span, words: Words) -> Changes:
    found = re.match(r"use\s+([\w.]+)", span.text)
    return [Change(_part(span, *found.span(1)), words[1])] if found else []


def _rename_and_import(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, words[1]), importing(parse_partly(span.source)[0], words[2], words[3])]


def _import(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [importing(parse_partly(span.source)[0], words[1], words[2])] if span.text == words[2] else []


def _instead(d: Diagnostic, span: Span, words: Words) -> Changes:
    """Another operation for a name and its arguments, imported where another help says so."""
    after = re.match(r"\([^()\n]*\)", span.source.text[span.end :])
    whole = Span(span.source, span.start, span.end + (after.end() if after else 0))
    uses = (m for text in d.helps if (m := re.fullmatch(_USE, text)) and m[2] == words[2])
    return [Change(whole, words[1])] + [importing(parse_partly(span.source)[0], m[1], m[2]) for m in uses]


def _no_import(d: Diagnostic, span: Span, words: Words) -> Changes:
    """An imported name that is not used; the whole import where none of it is."""
    for item in parse_partly(span.source)[0].items:
        if isinstance(item, tree.Use) and item.span.start == span.start and words[0].startswith("delete"):
            return [Change(lines(item.span), "")]
    return [without_import(span.source, span)]


def _no_declaration(d: Diagnostic, span: Span, words: Words) -> Changes:
    symbol = symbols(parse_partly(span.source)[0]).at(span.start)
    return [Change(lines(symbol.extent), "")] if isinstance(symbol, Symbol) else []


def _call_it(d: Diagnostic, span: Span, words: Words) -> Changes:
    """Another name, wherever the name is used."""
    index = symbols(parse_partly(span.source)[0])
    symbol = index.at(span.start)
    if not isinstance(symbol, Symbol):
        return []
    return [Change(place, words[1]) for place in (symbol.span, *(r.span for r in index.references_to(symbol)))]


def _phrase(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The help for the span, where it is made of what the line says."""
    return [Change(span, words[1])] if _said(span, words[1]) else []


def _rest(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The help for all that follows in the line."""
    rest = Span(span.source, span.start, _code(span).end)
    return [Change(rest, words[1])] if _said(span, words[1]) else []


def _whole_line(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The help for the line, where both begin with the same word."""
    code = _code(span)
    same = code.text.split()[:1] == words[1].split()[:1] and _said(span, words[1])
    return [Change(code, words[1])] if same else []


def _said(span: Span, help_: str) -> bool:
    """Whether a help holds no name and no number that is not written in the line: else it is an example."""
    line = set(re.findall(r"\w+", _line_of(span))) | set(tables().words)
    return set(re.findall(r"\w+", help_)) <= line


def _import_from(d: Diagnostic, span: Span, words: Words) -> Changes:
    """A name is imported from where it is, not from where it is not."""
    return [without_import(span.source, span), importing(parse_partly(span.source)[0], words[1], words[2])]


def _line(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The whole line but its comment, where the line begins with the statement."""
    return [Change(_code(span), words[1])]


def _closing_brace(d: Diagnostic, span: Span, words: Words) -> Changes:
    """Behind the last line of code, as far to the right as the line with the brace that it closes."""
    source, opened = span.source, _line_of(d.labels[0].span)
    end = _code_end(source, span.start)
    if source.position(end)[0] == source.position(d.labels[0].span.start)[0]:
        return [Change(Span(source, end, end), " }")]
    line_end = min((i for i in (source.text.find("\n", end),) if i >= 0), default=len(source.text))
    if line_end > span.start:
        return [Change(Span(source, span.start, span.start), "}; ")]
    indent = opened[: len(opened) - len(opened.lstrip())]
    return [Change(Span(source, line_end, line_end), f"\n{indent}}}")]


def _closing_bracket(d: Diagnostic, span: Span, words: Words) -> Changes:
    """Behind the last code before the place that the label shows."""
    end = _code_end(span.source, d.labels[0].span.start)
    return [Change(Span(span.source, end, end), words[1])]


def _other_bracket(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(d.labels[0].span, words[1])]


def _behind(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(Span(span.source, span.end, span.end), words[1])]


def _before(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(Span(span.source, _code_end(span.source, span.start), span.start), "; ")]


def _at_end(d: Diagnostic, span: Span, words: Words) -> Changes:
    text = span.source.text
    return [Change(Span(span.source, len(text), len(text)), ("" if text[-1:] in ("", "\n") else "\n") + words[1])]


def _clause(d: Diagnostic, span: Span, words: Words) -> Changes:
    """A clause for the same clause."""
    return [Change(span, words[1])] if span.text.split()[0] == words[1].split()[0] else []


def _missing_word(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(Span(span.source, span.start, span.start), f"{words[1]} ")]


def _comma_before(d: Diagnostic, span: Span, words: Words) -> Changes:
    end = _code_end(span.source, span.start)
    return [Change(Span(span.source, end - 1, end), "")] if span.source.text[end - 1 : end] == "," else []


def _separate(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, ";")]


def _space(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, " ")]


def _zero(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, "0.")] if span.text == "." else [Change(span, words[1])]


def _hash(d: Diagnostic, span: Span, words: Words) -> Changes:
    start = span.source.line_starts[span.source.position(span.start)[0] - 1]
    at = span.source.text.rfind("//", start, span.start)
    return [Change(Span(span.source, at, at + 2), "#")]


def _body(kind: type[tree.Graph] | type[tree.Node] | type[tree.Net], *, first: bool) -> Callable[..., Changes]:
    def make(d: Diagnostic, span: Span, words: Words) -> Changes:
        body = around(span.source, span.start, kind)
        return [(first_in if first else last_in)(body, words[1])] if body else []

    return make


# ---- the table ---------------------------------------------------------------------------------

_USE: Final = r"use ([\w.]+) \(([\w, ]+)\)"
# What could stand in a file as it is.
_CODE: Final = r"(?!.*\.\.\.).+"
_Row = tuple[str, str, str, Callable[[Diagnostic, Span, Words], Changes]]
# Codes, the whole text of the help or the label, the title, and the way to apply it. The first row that fits is taken.
_HELPS: Final[tuple[_Row, ...]] = (
    (".*", rf"did you mean `(\w+)`\? {_USE}", r"Change to `\1` and import it", _rename_and_import),
    ("E0210", r"did you mean `([\w.]+)`\?", r"Change to `\1`", _module),
    ("E050[46]", r"did you mean `(.+)`\?", r"Change to `\1`", _nearest),
    (".*", r"did you mean `(.+)`\?", r"Change to `\1`", _same_kind),
    ("E0201", _USE, r"Import `\2` from `\1`", _import),
    ("E0201", r"((\w+)(?:\([\d, ]*\))?)", r"Change to `\1`", _instead),
    ("E0212", _USE, r"Import `\2` from `\1`", _import_from),
    ("E0211", f"({_USE})", r"Change to `\1`", _replace),
    ("W0201", f"{_USE}|delete `{_USE}`", "Delete the import", _no_import),
    ("W0201", r"delete `([^`]+)`", r"Delete `\1`", _no_declaration),
    ("W0201|W0203", r"or (?:keep it, and )?call it `(\w+)`.*", r"Call it `\1`", _call_it),
    ("E0107", f"({_USE})", r"Change to `\1`", _line),
    ("E0104", r"close it with `}`", "Insert `}`", _closing_brace),
    ("E0103", r"close it with `(\")`", r"Insert `\1`", _behind),
    ("E0105", r"`.` is closed by `(.)`, not by `(.)`", r"Change `\2` to `\1`", _other_bracket),
    ("E0115", r"delete the `(.)`", r"Delete `\1`", _delete),
    ("E0106", r"another name, for example `(\w+)`.*", r"Rename to `\1`", _replace),
    ("E0101", r"type `(;)` before .*", r"Insert `\1`", _before),
    ("E0101", r"type `(.+)` before `.+`", r"Insert `\1`", _missing_word),
    ("E0101", r"delete the `(,)` before it.*", r"Delete the `\1` before", _comma_before),
    ("E0101", r"steps and clauses are separated by `;`.*", "Change to `;`", _separate),
    ("E0101", r"without quotes: (\w+)", r"Change to `\1`", _replace),
    ("E0101", r"a comment begins with `#`.*", "Change `//` to `#`", _hash),
    ("E0101", r"write (\S+)", r"Change to `\1`", _zero),
    ("E0119", r"type `(=)`", r"Change to `\1`", _equals),
    ("E0102", r"type `(.+)`", r"Change to `\1`", _replace),
    ("E0102", r"delete it", "Delete it", _delete),
    ("E0111", r"(net .*)", r"Insert `\1`", _at_end),
    ("E01..", r"type a plain space", "Change to a plain space", _space),
    ("E01..", r"write (\S+)", r"Change to `\1`", _replace),
    ("E0109", r"a size is one number: (\d+)", r"Change to `\1`", _replace),
    ("E0119|E0120|E0121", rf"({_CODE})", r"Change to `\1`", _line),
    ("E0101|E0107|E0122", rf"({_CODE})", r"Change to `\1`", _whole_line),
    ("E0101|E0107|E0122", rf"({_CODE})", r"Change to `\1`", _phrase),
    ("E0101|E0107|E0122", rf"({_CODE})", r"Change to `\1`", _rest),
    ("E0304", r"or let a value be used twice: `(.+)`", r"Change to `\1`", _replace),
    ("E0304|E0319", r"(pick .+)", r"Change to `\1`", _replace),
    ("E0213|E0217|E0305|E0325", rf"(one of {_CODE}|\w+\[\d+\])", r"Change to `\1`", _replace),
    ("E0213", r"(\w+(?:\([\d, ]*\))?)", r"Change to `\1`", _replace),
    ("E0325", r"absorb (.+)", r"Change to `\1`", _replace),
    ("E0327", r"(align .+)", r"Change to `\1`", _clause),
    ("W0204", r"(fresh \w+)", r"Change to `\1`", _replace),
    ("E020[34]", r"((\w+)\(.+\))", r"Change to `\1`", _call),
    ("E0205", r"(\d+\.\.\d+)", r"Change to `\1`", _replace),
    ("E0303", r"from (\w+)", r"Change to `\1`", _replace),
    ("E0309", r"by (level)", r"Change to `by \1`", _replace),
    ("E0310|E0311", r"(?:out )?((?:concat|last|unused).*)", r"Change to `\1`", _replace),
    ("E0323", r"input (.+)", r"Change to `\1`", _replace),
    ("E0313", r"(from .+)", r"Insert `\1`", _body(tree.Node, first=True)),
    ("E0316", r"(merge .+)", r"Insert `\1`", _body(tree.Node, first=False)),
    ("E0401", r"(then .+)", r"Insert `\1`", _body(tree.Node, first=False)),
    ("E0401", r"or let it be as wide as it is: `(width free)`", r"Insert `\1`", _body(tree.Node, first=False)),
    ("E0318", r"(merge .+)", r"Change to `\1`", _clause),
    ("E0401", r"(align .+)", r"Insert `\1`", _body(tree.Graph, first=True)),
    ("E0308", r"(out .+)", r"Insert `\1`", _body(tree.Graph, first=False)),
    ("E0321", r"(input .+)", r"Insert `\1`", _body(tree.Net, first=True)),
)  # fmt: skip
_LABELS: Final[tuple[_Row, ...]] = (
    ("E0105", r"`(.)` is missing before this", r"Insert `\1`", _closing_bracket),
    ("E0118", r"type `(.+)` here", r"Insert `\1`", _replace),
    ("E0119", r"type `(=)`", r"Change to `\1`", _equals),
    ("E0120", r"type `(==?)`", r"Change to `\1`", _replace),
    ("E0119", r"delete it", "Delete it", _delete),
)


# ---- places ------------------------------------------------------------------------------------


def _part(span: Span, start: int, end: int) -> Span:
    return Span(span.source, span.start + start, span.start + end)


def _line_of(span: Span) -> str:
    return span.source.line(span.source.position(span.start)[0])


def _code_end(source: SourceFile, before: int) -> int:
    """Behind the last character that is neither space nor comment, before an offset."""
    for number in range(source.position(before)[0], 0, -1):
        start = source.line_starts[number - 1]
        code = _uncommented(source.text[start:before].split("\n")[0]).rstrip()
        if code:
            return start + len(code)
    return 0


def _code(span: Span) -> Span:
    """The line of a span without its indentation and its comment."""
    start = span.source.line_starts[span.source.position(span.start)[0] - 1]
    line = _uncommented(_line_of(span))
    return Span(span.source, start + len(line) - len(line.lstrip()), start + len(line.rstrip()))


def _uncommented(line: str) -> str:
    found = re.match(r'(?:[^"#]|"[^"]*")*', line)
    return found.group() if found else line
