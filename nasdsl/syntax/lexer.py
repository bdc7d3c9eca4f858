"""Text to tokens: the terminals of the grammar and the rules about line ends that a grammar cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from nasdsl.diagnostics import error
from nasdsl.source import SourceFile, Span
from nasdsl.syntax.tables import END, tables

DEPTH: Final = 100  # brackets inside brackets, and operators inside operators

_MARGIN: Final = 200  # characters of a line in which it may begin

_JOINS_BACK: Final = ("|", "and", "{")  # a line that begins with one of these goes on with the line before
_JOINS_ON: Final = ("|", "and", ",")  # a line that ends in one of these goes on with the next line


class Token(NamedTuple):
    """A terminal of the grammar with its text and its character offsets."""

    kind: str
    text: str
    start: int
    end: int


class Opened(NamedTuple):
    """A bracket that is open, and the word that says what a brace holds ("node"; "" where there is none)."""

    token: Token
    holds: str
    indent: int


class Lexer:
    """The tokens from `start` on. `open` and `unpaired` say which brackets are missing."""

    def __init__(self, source: SourceFile, start: int = 0) -> None:
        self.source, self.start = source, start
        self.open: list[Opened] = []
        self.unpaired: Opened | None = None  # closed by a brace that stands further left than its own line
        self._holds = ""

    def __iter__(self) -> Iterator[Token]:
        """Every token, then END. Raises NasdslError at characters that form none, and at nesting deeper than DEPTH."""
        line_end: Token | None = None
        last = ""
        for token in self._raw():
            kind, text = token.kind, token.text
            if kind == "_NL":
                inside = bool(self.open) and self.open[-1].token.text in "(["
                if ";" in text or not (inside or last in _JOINS_ON):
                    line_end = line_end if line_end and ";" in line_end.text else token
                    self._holds = self._holds if inside else ""
                continue
            if line_end and (text not in _JOINS_BACK or ";" in line_end.text):
                yield line_end
            line_end, last = None, text
            self.note(token)
            yield token
        if line_end:
            yield line_end
        end = len(self.source.text)
        yield Token(END, "", end, end)

    def note(self, token: Token) -> None:
        """Take account of a token that opens or closes a bracket, or says what a brace will hold."""
        if token.text in _BRACKETS and token.kind != "STRING":
            self._bracket(token)
        elif token.kind in _HOLDERS:
            self._holds = token.text

    def _raw(self) -> Iterator[Token]:
        text, position, size = self.source.text, self.start, len(self.source.text)
        words = tables().words
        match = _scanner().match
        after_dot = False
        if position == 0 and text.startswith("\ufeff"):
            position = 1
        while position < size:
            found = match(text, position)
            if found is None:
                raise _no_token(self.source, position)
            kind, end = str(found.lastgroup), found.end()
            if kind not in ("BLANK", "COMMENT"):
                piece = found.group()
                if kind == "SYMBOL":
                    kind = words[piece]
                elif kind == "NAME" and not after_dot:
                    kind = words.get(piece, kind)
                elif kind == "NUMBER" and (text[end : end + 1].isalnum() or text[end : end + 1] == "_"):
                    raise _no_number(self.source, position)
                after_dot = piece == "."
                yield Token(kind, piece, position, end)
            position = end

    def _bracket(self, token: Token) -> None:
        if token.text in "([{":
            self.open.append(Opened(token, self._holds if token.text == "{" else "", indent(self.source, token.start)))
            self._holds = "" if token.text == "{" else self._holds
            if len(self.open) > DEPTH:
                span = Span(self.source, token.start, token.end)
                raise error("E0110", f"brackets are nested more than {DEPTH} deep", span, "one too many")
        elif self.open and self.open[-1].token.text + token.text in ("()", "[]", "{}"):
            opened = self.open.pop()
            if opened.token.text == "{" and opened.indent and not self.unpaired:
                number, column = self.source.position(token.start)
                begins = column - 1 == indent(self.source, token.start)
                if begins and column - 1 < opened.indent and self.source.position(opened.token.start)[0] != number:
                    self.unpaired = opened


def comments(source: SourceFile) -> list[Token]:
    """Every comment of a text that parses; the parser never sees them."""
    found = _scanner().finditer(source.text, int(source.text.startswith("\ufeff")))
    return [Token("COMMENT", m.group(), m.start(), m.end()) for m in found if m.lastgroup == "COMMENT"]


_BRACKETS: Final = frozenset("()[]{}")
_HOLDERS: Final = frozenset(
    ("CELL", "MOTIF", "BLOCK", "NET", "GENOTYPE", "NODE", "STAGE", "REPEAT", "BRANCH", "SHORTCUT")
)


def indent(source: SourceFile, offset: int) -> int:
    """How many characters the line of an offset is moved to the right, as far as anybody indents."""
    start = source.line_starts[source.position(offset)[0] - 1]
    margin = source.text[start : start + _MARGIN]
    return len(margin) - len(margin.lstrip())


@cache
def _scanner() -> re.Pattern[str]:
    known = tables()
    symbols = sorted((w for w in known.words if not w[0].isalpha()), key=len, reverse=True)
    named = {**known.patterns, "SYMBOL": "|".join(map(re.escape, symbols))}
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in sorted(named.items())))


_MEANT: Final = {
    "\u00a0": "type a plain space",
    "\ufeff": "delete it",
    "\u200b": "delete it",
    "\u00d7": "type `*`",
    "\u2013": "type `-`",
    "\u2212": "type `-`",
    "\u2014": "type `-`",
    "\u2026": "type `..`",
    "\u2264": "type `<=`",
    "\u2265": "type `>=`",
    "\u2260": "type `!=`",
    "\u201c": 'type `"`',
    "\u201d": 'type `"`',
    "/": "whole numbers are divided with `//`; a comment begins with `#`",
    "!": "`!=` is the only use of `!`",
    "&": "two conditions are joined by `and`",
    "%": "percentages and remainders are not in the language; write the number",
    "^": "there are no powers; write the number",
    "\\": "a line goes on by itself inside brackets, after a comma, and next to `|`",
}


def _no_token(source: SourceFile, position: int) -> Exception:
    text, line_end = source.text, source.text.find("\n", position)
    line_end = len(text) if line_end < 0 else line_end
    char = text[position]
    if text.startswith("/*", position):
        close = text.find("*/", position)
        span = Span(source, position, close + 2 if close >= 0 else len(text))
        words = text[position + 2 : line_end].split("*/")[0].strip(" *")
        message = "a comment begins with `#` and ends with its line"
        return error("E0122", message, span, "not in the language", helps=[f"# {words}" if words else "# ..."])
    if char == '"':
        span = Span(source, position, position + len(text[position:line_end].rstrip()))
        return error(
            "E0103",
            "a string is not closed on its line",
            span,
            'no `"` before the line ends',
            helps=['close it with `"`'],
        )
    if char in "'`":
        close = text.find(char, position + 1, line_end)
        inside = text[position + 1 : close] if close >= 0 else ""
        helps = [f'write "{inside}"'] if inside else ['write "..."']
        span = Span(source, position, close + 1 if inside else position + 1)
        return error("E0103", 'a string stands in double quotes `"`', span, "not a string", helps=helps)
    span = Span(source, position, position + 1)
    shown = f"`{char}`" if char.isprintable() and char != " " else "the character"
    where = "" if char.isascii() and char.isprintable() else f" U+{ord(char):04X}"
    helps = [_MEANT[char]] if char in _MEANT else []
    if char.isalpha():
        helps = ["names are made of the letters a-z and A-Z, digits and `_`"]
    return error("E0102", f"{shown}{where} means nothing here", span, helps=helps)


def _no_number(source: SourceFile, position: int) -> Exception:
    found = re.compile(r"[\w.]+").match(source.text, position)
    end = found.end() if found else position + 1
    piece = source.text[position:end]
    helps = ["a name begins with a letter or `_`; a number may end in K, M or G"]
    if piece[:-1].isdigit() and piece[-1] in "kmgb":
        helps = [f"write {piece[:-1]}{ {'b': 'G'}.get(piece[-1], piece[-1].upper()) }"]
    elif piece.replace("_", "").isdigit():
        helps = [f"write {piece.replace('_', '')}"]
    elif re.fullmatch(r"\d+x\d+", piece):
        helps = [f"a size is one number: {piece.split('x')[0]}"]
    message = f"`{piece}` is neither a number nor a name"
    return error("E0109", message, Span(source, position, end), helps=helps)
