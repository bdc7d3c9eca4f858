"""The laws of the formatter, over generated files in any layout, and over what is shipped."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from nasdsl.compiler.load import shipped
from nasdsl.diagnostics import InternalError, NasdslError
from nasdsl.source import SourceFile
from nasdsl.syntax import formatter
from nasdsl.syntax.declarations import file_text
from nasdsl.syntax.formatter import formatted
from nasdsl.syntax.lexer import comments
from nasdsl.syntax.parser import parse
from tests.compiler.test_robust import mutated
from tests.syntax import generated

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*ROOT.glob("spaces/*.nas"), *ROOT.glob("nasdsl/library/*.nas")])


def told(text: str) -> list[str]:
    return sorted(comment.text.rstrip() for comment in comments(SourceFile("x", text)))


@settings(max_examples=100, deadline=None)
@given(generated.files)
def test_the_text_of_declarations_parses_to_them(items: Any) -> None:
    text = file_text(items)
    assert parse(SourceFile("x", text)).items == items
    assert formatted(SourceFile("x", text)) == text


@settings(max_examples=150, deadline=None)
@given(generated.texts)
def test_a_layout_keeps_what_is_said_and_told(text: str) -> None:
    once = formatted(SourceFile("x", text))
    assert parse(SourceFile("x", once)).items == parse(SourceFile("x", text)).items
    assert told(once) == told(text)
    assert formatted(SourceFile("x", once)) == once


@pytest.mark.parametrize("name", ["darts", "hierarchical", "nasfpn"])
def test_what_is_left_of_a_space_keeps_its_laws(name: str) -> None:
    """Of mutants of shipped texts those that still parse."""
    text = shipped()[name].read_text(encoding="utf-8")
    rng, kept = Random(3), 0
    for _ in range(100):
        source = SourceFile("x", mutated(text, rng))
        try:
            before = parse(source).items
        except NasdslError:
            continue
        kept += 1
        once = formatted(source)
        assert parse(SourceFile("x", once)).items == before
        assert formatted(SourceFile("x", once)) == once
    assert kept > 4


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_is_shipped_is_formatted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(SourceFile(path.name, text)) == text


@pytest.mark.parametrize(
    ("text", "fault"), [("param N = 7  # six\n", "change what it says"), ("param N = 6\n", "lose a comment")]
)
def test_a_wrong_layout_is_refused(text: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "layout", lambda source: text)
    with pytest.raises(InternalError, match=fault):
        formatted(SourceFile("x", "param N=6 # six"))


def test_lines_fit_where_they_can_be_broken() -> None:
    names = ", ".join(f"operation_{i}(k = {i} | {i + 1})" for i in range(300))
    choice = " | ".join(f"operation_{i}([{names}])" for i in range(4))
    for text in (f"ops o = [{names}]", f"let c = {choice}", f"cell c(x) {{ node n {{ from x; op {names} }}; out n }}"):
        shown = formatted(SourceFile("x", text))
        assert max(map(len, shown.splitlines())) <= 120
        assert formatted(SourceFile("x", shown)) == shown
