"""After a mistake inside a body: the next clause, statement or step of that body, and what is wrong from there on.

A mistake must not cause others. So the reading goes on only where it is certain which body it is in: never after a
missing or superfluous bracket, and never at a word that belongs to another body. Where nothing is certain, the parser
goes on at the next declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nasdsl.diagnostics import Diagnostic, NasdslError, did_you_mean
from nasdsl.source import SourceFile
from nasdsl.syntax.automaton import acceptable, advance, states_after
from nasdsl.syntax.complaint import FOREIGN, complain
from nasdsl.syntax.lexer import Lexer, Token
from nasdsl.syntax.tables import END, tables
from nasdsl.syntax.words import DECLARATIONS, OPENS_LINE

# Behind another mistake, these say only that a brace was lost in it.
CONSEQUENCES: Final = frozenset(("E0104", "E0115", "E0121"))
_BRACKETS: Final = frozenset(("E0104", "E0105", "E0110", "E0115", FOREIGN))
_ENDS: Final = re.compile(r"[ \t]*(?:[;}#\r\n]|$)")  # what may stand behind a closing brace
_GOES_ON: Final = ("else", "elif")  # what follows a body of another language and belongs to it
_MOST_LOST: Final = 100  # pieces that are no token


def further(
    source: SourceFile, tokens: list[Token], problem: Diagnostic, most: int
) -> tuple[list[Diagnostic], int | None]:
    """At most `most` other mistakes of the declaration in which `tokens` were accepted up to `problem`, and its end.

    The end is None where it is not certain, or the mistake is in no declaration.
    """
    found: list[Diagnostic] = []
    again: int | None = 0
    reserved: set[str] = set()  # keywords taken for names: where such a name is used, the mistake is the same
    while len(found) < most and problem.code not in _BRACKETS and problem.span is not None:
        if problem.code == "E0106":
            reserved.add(problem.span.text)
        kept, item = _around(tokens)
        if not kept:
            break
        start = item[0].start if item else max(tokens[-1].end, again or 0)
        again = _next(source, kept, start, problem)
        if again is None or again <= start:
            break
        tokens = list(kept)
        try:
            return found, _recognise(source, tokens, again)
        except NasdslError as mistake:
            problem = mistake.diagnostics[-1]
            if problem.code in CONSEQUENCES:
                break
            if not (problem.span and problem.span.text in reserved):
                found.append(problem)
    return found, None


def _around(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The heads of the bodies that are open, from a declaration to the innermost brace, and the item begun in it."""
    items, braces = [0], [0]
    for i, token in enumerate(tokens):
        if token.kind == "LBRACE":
            items.append(i + 1)
            braces.append(i + 1)
        elif token.kind == "RBRACE":
            items.pop()
            braces.pop()
        elif token.kind == "_NL":
            items[-1] = i + 1
    heads = [token for i, j in zip(items, braces[1:], strict=False) for token in tokens[i:j]]
    return heads, tokens[items[-1] :]


def _at(source: SourceFile, kept: list[Token], start: int) -> Lexer:
    """A lexer that begins at `start`, inside the bodies of `kept`."""
    lexer = Lexer(source, start)
    for token in kept:
        lexer.note(token)
    return lexer


def _recognise(source: SourceFile, tokens: list[Token], start: int) -> int:
    """The end of the declaration. Raises NasdslError at the next mistake; `tokens` grows by what was accepted."""
    lexer, states = _at(source, tokens, start), states_after(token.kind for token in tokens)
    for token in lexer:
        if not advance(states, token.kind):
            raise complain(source, tokens, token, lexer)
        tokens.append(token)
        if not lexer.open:
            break
    return tokens[-1].end


def _next(source: SourceFile, kept: list[Token], start: int, problem: Diagnostic) -> int | None:
    """Where the innermost body goes on after the item at `start`, or closes; None where that is not certain."""
    assert problem.span is not None
    lexer = _at(source, kept, start)
    depth, can = len(lexer.open), acceptable(states_after(token.kind for token in kept))
    wrong = source.position(problem.span.start)[0]
    left: int | None = None  # where the item begins, counted once it is met; 0 where it does not begin its line
    above, fresh = 0, False
    for token in _pieces(lexer):
        line, column = source.position(token.start)
        begins, above = line > above, line
        if left is None and token.kind != "_NL":
            begins = source.text[token.start - column + 1 : token.start].strip() == ""
            left = column if begins else 0
        if token.kind == END or (token.kind in DECLARATIONS - {"LET", "REQUIRE"} and column == 1):
            return None
        if token.kind == "RBRACE" and len(lexer.open) < depth:
            certain = begins or line != wrong or line == source.position(kept[-1].start)[0]
            return token.start if certain and _ENDS.match(source.text, token.end) else None
        if fresh and token.start >= problem.span.start and not (begins and left and column > left):
            if token.kind in OPENS_LINE and token.kind not in can:
                return None
            # Where a line ends too soon, what follows may belong to it.
            cut = problem.span.start == problem.span.end and not (begins and token.kind in OPENS_LINE)
            if (token.kind in can or _misspelt(source, token, can)) and token.text not in _GOES_ON and not cut:
                return token.start
        fresh = token.kind == "_NL" and len(lexer.open) == depth
    return None


def _misspelt(source: SourceFile, token: Token, can: frozenset[str]) -> bool:
    """Whether a name is close to a word that could stand in its place, and begins no path: `large.n` is no `level`."""
    if source.text.startswith((".", "["), token.end):
        return False
    known = [text for text, kind in tables().words.items() if kind in can and text.isalpha()]
    return token.kind == "NAME" and bool(did_you_mean(token.text, known))


def _pieces(lexer: Lexer) -> Iterator[Token]:
    """The tokens of a lexer, past what is none."""
    for _ in range(_MOST_LOST):
        try:
            yield from lexer
        except NasdslError as mistake:
            span = mistake.diagnostics[-1].span
            if span is None or mistake.diagnostics[-1].code in _BRACKETS:
                return
            lexer.start = max(span.end, span.start + 1)
        else:
            return
