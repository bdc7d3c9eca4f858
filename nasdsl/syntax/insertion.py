"""Where a new line of text goes in a file: an import, or a statement in the body around a place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.lexer import Lexer, Token
from nasdsl.syntax.parser import parse_partly

Body = tree.Graph | tree.Node | tree.Net


class Change(NamedTuple):
    """`text` in place of a span; an empty span is an insertion."""

    span: Span
    text: str


def importing(file: tree.File, module: str, names: str) -> Change:
    """`use module (names)`, merged into an import of that module where there is one."""
    source, items = file.source, file.items
    uses = [item for item in items if isinstance(item, tree.Use)]
    for item in uses:
        if item.module == module and item.names:
            return _insert(source, item.names[-1].span.end, f", {names}")
        if item.module == module:
            return _insert(source, item.span.end, f" ({names})")
    if uses:
        return _insert(source, uses[-1].span.end, f"\nuse {module} ({names})")
    return _insert(source, items[0].span.start if items else 0, f"use {module} ({names})\n\n")


def without_import(source: SourceFile, name: Span) -> Change:
    """One imported name taken out of its list; the whole import where it was the only one."""
    for item in parse_partly(source)[0].items:
        spans = [n.span for n in item.names or ()] if isinstance(item, tree.Use) else []
        if name in spans:
            at = spans.index(name)
            if len(spans) == 1:
                return Change(item.span, "")
            if at + 1 < len(spans):
                return Change(Span(source, name.start, spans[at + 1].start), "")
            return Change(Span(source, spans[at - 1].end, name.end), "")
    raise ValueError("the span is no imported name")


def first_in(body: Body, line: str) -> Change:
    """`line` as the first statement of a body."""
    source, (opened, closed) = body.span.source, braces(body)
    inside = source.text[opened.end : closed.start]
    if "\n" not in inside:
        return _insert(source, opened.end, f" {line};" if inside.strip() else f" {line} ")
    return _insert(source, opened.end, f"\n{_indent(body)}{line}")


def last_in(body: Body, line: str) -> Change:
    """`line` as the last statement of a body."""
    inside = _statements(body)
    if not inside:
        return first_in(body, line)
    source, end = body.span.source, inside[-1].span.end
    one_line = "\n" not in source.text[braces(body)[0].end : end]
    return _insert(source, end, f"; {line}" if one_line else f"\n{_indent(body)}{line}")


def around(source: SourceFile, offset: int, *kinds: type[Body]) -> Body | None:
    """The innermost body of one of these kinds that holds an offset."""
    found: Body | None = None
    for body in _bodies(parse_partly(source)[0]):
        if isinstance(body, kinds) and body.span.start <= offset < body.span.end:
            found = body
    return found


def lines(span: Span) -> Span:
    """The whole lines of a span with their end, where nothing else stands on them but a comment behind it."""
    text = span.source.text
    start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    end = len(text) if end < 0 else end + 1
    behind = text[span.end : end].strip()
    if text[start : span.start].strip() or (behind and not behind.startswith("#")):
        return span
    return Span(span.source, start, end)


def braces(body: Body) -> tuple[Token, Token]:
    """The braces of a body: the first that opens and the last that closes."""
    source = body.span.source
    opened = next(token for token in Lexer(source, body.span.start) if token.kind == "LBRACE")
    return opened, Token("RBRACE", "}", body.span.end - 1, body.span.end)


def _bodies(file: tree.File) -> Iterator[Body]:
    """Every body, the outer before the inner."""
    for item in file.items:
        if isinstance(item, tree.Graph):
            yield item
            yield from (statement for statement in item.body if isinstance(statement, tree.Node))
        elif isinstance(item, tree.Net):
            yield item


def _statements(body: Body) -> tuple[tree.Tree, ...]:
    return body.clauses if isinstance(body, tree.Node) else body.parts if isinstance(body, tree.Net) else body.body


def _indent(body: Body) -> str:
    """What stands left of the first statement, or two spaces more than the body's own line has."""
    inside = _statements(body)
    source = body.span.source
    number, column = source.position((inside[0] if inside else body).span.start)
    line = source.line(number)
    if inside and not line[: column - 1].strip():
        return line[: column - 1]
    own = source.line(source.position(body.span.start)[0])
    return own[: len(own) - len(own.lstrip())] + "  "


def _insert(source: SourceFile, offset: int, text: str) -> Change:
    return Change(Span(source, offset, offset), text)
