"""What surrounds a cursor: the word being typed, what can stand there, and the call whose arguments it is among."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from nasdsl.diagnostics import NasdslError
from nasdsl.lsp.document import Document
from nasdsl.lsp.mending import statement
from nasdsl.source import SourceFile, Span
from nasdsl.syntax.automaton import acceptable, followed
from nasdsl.syntax.lexer import Lexer, Opened, Token
from nasdsl.syntax.words import DECLARATIONS

_DECLARES = re.compile(
    rf"^(?:{'|'.join(sorted(w.lower() for w in DECLARATIONS - {'LET', 'REQUIRE'}))})\b", re.MULTILINE
)
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Cursor:
    """`word` is the name or keyword around the cursor, empty where there is none."""

    word: Span
    tokens: tuple[Token, ...]
    open: tuple[Opened, ...]

    @cached_property
    def fits(self) -> frozenset[str]:
        """The terminals that can stand in the place of the word; none where the text before it cannot be read."""
        states = followed(t.kind for t in self.tokens)
        return acceptable(states) if states is not None else frozenset()

    @cached_property
    def statement(self) -> tuple[Token, ...]:
        """The tokens of the statement before the word."""
        at = len(self.tokens)
        while at and self.tokens[at - 1].kind not in ("_NL", "LBRACE", "RBRACE"):
            at -= 1
        return self.tokens[at:]

    @property
    def head(self) -> str:
        """The keyword that begins the statement; "" at its beginning."""
        return self.statement[0].kind if self.statement else ""

    @property
    def previous(self) -> str:
        """The text of the token before the word."""
        return self.tokens[-1].text if self.tokens else ""

    @property
    def body(self) -> str:
        """What the innermost braces hold: `node`, `cell`, `net`; "" at the top of the file."""
        return next((o.holds for o in reversed(self.open) if o.token.text == "{"), "")

    @cached_property
    def call(self) -> tuple[str, tuple[str, ...]] | None:
        """The operation whose parentheses are open around the word, and the tokens inside them so far."""
        if not self.open or self.open[-1].token.text != "(":
            return None
        starts = [t.start for t in self.tokens]
        at = starts.index(self.open[-1].token.start)
        if at == 0:
            return None
        of_stage = self.head == "STAGE" and [t.text for t in self.statement].count("(") == 1
        name = "stage" if of_stage else self.tokens[at - 1].text
        return name, tuple(t.text for t in self.tokens[at + 1 :])


def cursor(document: Document, offset: int) -> Cursor:
    """The cursor at an offset; before it the text as it is, or, where that cannot be read, as it was mended."""
    text = document.source.text
    start, end = offset, offset
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    found = _WORD.match(text, start)
    end = max(found.end(), offset) if found else offset
    word = Span(document.source, start, end)
    mended = document.file.items[0].span.source.text if document.file.items else text
    line = statement(text, start)[0]
    made = Cursor(word, (), ())
    for before in (text[:start], mended[:line] + text[line:start]):
        first = max((m.start() for m in _DECLARES.finditer(before)), default=0)
        lexer = Lexer(SourceFile("", before), first)
        try:
            tokens = tuple(lexer)[:-1]
        except NasdslError:
            continue
        made = Cursor(word, tokens, tuple(lexer.open))
        if made.fits:
            break
    return made
