"""The Pygments lexer: found by name and by file, and true to the text."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Error, Keyword, Name, Operator

from nasdsl.pygments import NasLexer
from nasdsl.source import SourceFile
from nasdsl.syntax.lexer import Lexer
from nasdsl.syntax.tables import tables

ROOT = Path(__file__).parents[2]
NAS = [*sorted((ROOT / "spaces").glob("*.nas")), *sorted((ROOT / "nasdsl" / "library").glob("*.nas"))]
LEXER = NasLexer(stripnl=False, ensurenl=False)


@pytest.mark.parametrize("path", NAS, ids=lambda path: path.stem)
def test_it_agrees_with_the_lexer(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(LEXER.get_tokens_unprocessed(text))
    assert not [t for t in tokens if t[1] in Error]
    assert "".join(value for _, _, value in tokens) == text
    kinds = {start: kind for start, kind, _ in tokens}
    for token in Lexer(SourceFile(path.name, text)):
        if token.text[:1].isalpha():
            keyword = kinds[token.start] in Keyword or kinds[token.start] in Operator.Word
            assert keyword == (token.kind != "NAME"), token


def test_every_keyword_is_a_keyword_but_behind_a_dot() -> None:
    for word in filter(str.isalpha, tables().words):
        (_, kind, _), *_ = LEXER.get_tokens_unprocessed(word)
        assert kind in Keyword or kind in Operator.Word
        assert list(LEXER.get_tokens_unprocessed(f"a.{word}"))[-1][1] in Name.Attribute


@given(st.text())
def test_no_text_is_lost(text: str) -> None:
    assert "".join(value for _, _, value in LEXER.get_tokens_unprocessed(text)) == text


def test_pygments_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the entry point of the project file, written as an installer writes it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = project["entry-points"]["pygments.lexers"].items()
    info = tmp_path / "installed-1.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: installed\nVersion: 1\n")
    listed = "\n".join(f"{name} = {where}" for name, where in points)
    info.joinpath("entry_points.txt").write_text(f"[pygments.lexers]\n{listed}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert isinstance(get_lexer_by_name("nas"), NasLexer)
    assert isinstance(get_lexer_for_filename("darts.nas"), NasLexer)
