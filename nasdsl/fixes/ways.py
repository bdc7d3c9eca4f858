"""The ways to apply a help: from a diagnostic, its span and the words of the help to changes of the text."""

from __future__ import annotations

import re
from collections.abc import Callable
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

USE: Final = r"use ([\w.]+) \(([\w, ]+)\)"


def replace(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The first group of the words stands for the primary span."""
    return [Change(span, words[1])]


def delete(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, "")]


def equals(d: Diagnostic, span: Span, words: Words) -> Changes:
    """With a space before it, as it is written, where the colon had none."""
    return [Change(span, "=" if span.source.text[span.start - 1].isspace() else " =")]


def same_kind(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The first group, where the primary span is one word or one call and so is the help."""
    return [Change(span, words[1])] if re.fullmatch(r'[\w.]+|"\w*"', span.text) else []


def call(d: Diagnostic, span: Span, words: Words) -> Changes:
    """A call for the name or the call of the same operation."""
    return [Change(span, words[1])] if span.text.partition("(")[0] == words[2] else []


def nearest(d: Diagnostic, span: Span, words: Words) -> Changes:
    """In a clause: the piece that is most like what was meant."""
    pieces = {m.group(): m.span() for m in re.finditer(r"[\w.]+(\[[^\]]*\])?(\([^)]*\))?", span.text)}
    close = get_close_matches(words[1], [p for p in pieces if p != words[1]], n=1)
    return [Change(_part(span, *pieces[close[0]]), words[1])] if close else []


def module(d: Diagnostic, span: Span, words: Words) -> Changes:
    found = re.match(r"use\s+([\w.]+)", span.text)
    return [Change(_part(span, *found.span(1)), words[1])] if found else []


def rename_and_import(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, words[1]), importing(parse_partly(span.source)[0], words[2], words[3])]


def add_import(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [importing(parse_partly(span.source)[0], words[1], words[2])] if span.text == words[2] else []


def instead(d: Diagnostic, span: Span, words: Words) -> Changes:
    """Another operation for a name and its arguments, imported where another help says so."""
    after = re.match(r"\([^()\n]*\)", span.source.text[span.end :])
    whole = Span(span.source, span.start, span.end + (after.end() if after else 0))
    uses = (m for text in d.helps if (m := re.fullmatch(USE, text)) and m[2] == words[2])
    return [Change(whole, words[1])] + [importing(parse_partly(span.source)[0], m[1], m[2]) for m in uses]


def no_import(d: Diagnostic, span: Span, words: Words) -> Changes:
    """An imported name that is not used; the whole import where none of it is."""
    for item in parse_partly(span.source)[0].items:
        if isinstance(item, tree.Use) and item.span.start == span.start and words[0].startswith("delete"):
            return [Change(lines(item.span), "")]
    return [without_import(span.source, span)]


def no_declaration(d: Diagnostic, span: Span, words: Words) -> Changes:
    symbol = symbols(parse_partly(span.source)[0]).at(span.start)
    return [Change(lines(symbol.extent), "")] if isinstance(symbol, Symbol) else []


def call_it(d: Diagnostic, span: Span, words: Words) -> Changes:
    """Another name, wherever the name is used."""
    index = symbols(parse_partly(span.source)[0])
    symbol = index.at(span.start)
    if not isinstance(symbol, Symbol):
        return []
    return [Change(place, words[1]) for place in (symbol.span, *(r.span for r in index.references_to(symbol)))]


def phrase(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The help for the span, where it is made of what the line says."""
    return [Change(span, words[1])] if _said(span, words[1]) else []


def rest(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The help for all that follows in the line."""
    rest = Span(span.source, span.start, _code(span).end)
    return [Change(rest, words[1])] if _said(span, words[1]) else []


def whole_line(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The help for the line, where both begin with the same word."""
    code = _code(span)
    same = code.text.split()[:1] == words[1].split()[:1] and _said(span, words[1])
    return [Change(code, words[1])] if same else []


def _said(span: Span, help_: str) -> bool:
    """Whether a help holds no name and no number that is not written in the line: else it is an example."""
    line = set(re.findall(r"\w+", _line_of(span))) | set(tables().words)
    return set(re.findall(r"\w+", help_)) <= line


def import_from(d: Diagnostic, span: Span, words: Words) -> Changes:
    """A name is imported from where it is, not from where it is not."""
    return [without_import(span.source, span), importing(parse_partly(span.source)[0], words[1], words[2])]


def line(d: Diagnostic, span: Span, words: Words) -> Changes:
    """The whole line but its comment, where the line begins with the statement."""
    return [Change(_code(span), words[1])]


def closing_brace(d: Diagnostic, span: Span, words: Words) -> Changes:
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


def closing_bracket(d: Diagnostic, span: Span, words: Words) -> Changes:
    """Behind the last code before the place that the label shows."""
    end = _code_end(span.source, d.labels[0].span.start)
    return [Change(Span(span.source, end, end), words[1])]


def other_bracket(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(d.labels[0].span, words[1])]


def behind(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(Span(span.source, span.end, span.end), words[1])]


def before(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(Span(span.source, _code_end(span.source, span.start), span.start), "; ")]


def at_end(d: Diagnostic, span: Span, words: Words) -> Changes:
    text = span.source.text
    return [Change(Span(span.source, len(text), len(text)), ("" if text[-1:] in ("", "\n") else "\n") + words[1])]


def clause(d: Diagnostic, span: Span, words: Words) -> Changes:
    """A clause for the same clause."""
    return [Change(span, words[1])] if span.text.split()[0] == words[1].split()[0] else []


def missing_word(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(Span(span.source, span.start, span.start), f"{words[1]} ")]


def comma_before(d: Diagnostic, span: Span, words: Words) -> Changes:
    end = _code_end(span.source, span.start)
    return [Change(Span(span.source, end - 1, end), "")] if span.source.text[end - 1 : end] == "," else []


def separate(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, ";")]


def space(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, " ")]


def zero(d: Diagnostic, span: Span, words: Words) -> Changes:
    return [Change(span, "0.")] if span.text == "." else [Change(span, words[1])]


def as_comment(d: Diagnostic, span: Span, words: Words) -> Changes:
    start = span.source.line_starts[span.source.position(span.start)[0] - 1]
    at = span.source.text.rfind("//", start, span.start)
    return [Change(Span(span.source, at, at + 2), "#")]


def body(kind: type[tree.Graph] | type[tree.Node] | type[tree.Net], *, first: bool) -> Callable[..., Changes]:
    def make(d: Diagnostic, span: Span, words: Words) -> Changes:
        body = around(span.source, span.start, kind)
        return [(first_in if first else last_in)(body, words[1])] if body else []

    return make


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
