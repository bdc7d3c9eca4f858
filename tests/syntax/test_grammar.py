"""The grammar: strict LALR(1), its stored tables, and the tables' loop against lark's own parser."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lark import Lark, Token, UnexpectedInput
from lark.lexer import Lexer as LarkLexer

from nasdsl.diagnostics import NasdslError
from nasdsl.source import SourceFile
from nasdsl.syntax import tables as module
from nasdsl.syntax.lexer import Lexer
from nasdsl.syntax.parser import parse
from nasdsl.syntax.tables import GRAMMAR, TABLES, generate
from nasdsl.syntax.words import words

from .texts import CONSTRUCTS  # noqa: TID252 - the tests are no installed package


def test_the_grammar_has_no_conflict_in_strict_mode() -> None:
    pytest.importorskip("interegular")
    Lark(GRAMMAR.read_text(), parser="lalr", strict=True)


def test_the_stored_tables_are_those_of_the_grammar() -> None:
    assert json.loads(TABLES.read_text()) == generate(GRAMMAR.read_text()), "run python -m nasdsl.syntax.tables"


def test_an_edited_grammar_is_not_served_from_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    edited = tmp_path / "grammar.lark"
    edited.write_text(GRAMMAR.read_text().replace('"hyper" NAME', '"tune" NAME'))
    monkeypatch.setattr(module, "GRAMMAR", edited)
    assert "tune" in module.tables.__wrapped__().words


def test_every_terminal_has_words_of_its_own() -> None:
    for terminal in [*module.tables().terminals(), "$END"]:
        assert terminal not in words(terminal).replace("`", "")


class _Tokens(LarkLexer):
    def __init__(self, conf: Any) -> None: ...

    def lex(self, text: Any, state: Any = None) -> Iterator[Token]:
        for token in Lexer(SourceFile("x", str(getattr(text, "text", text)))):
            if token.kind != "$END":
                yield Token(token.kind, token.text)


def test_larks_own_parser_accepts_and_refuses_alike() -> None:
    lark = Lark(GRAMMAR.read_text(), parser="lalr", lexer=_Tokens, maybe_placeholders=False)
    lines = CONSTRUCTS.splitlines(keepends=True)
    for dropped in range(len(lines) + 1):
        text = "".join(lines[:dropped] + lines[dropped + 1 :])
        assert _accepts(lark.parse, text) == _accepts(parse, SourceFile("x", text)), text


def _accepts(run: Any, text: Any) -> bool:
    try:
        run(text)
    except (UnexpectedInput, NasdslError):
        return False
    return True
