"""The laws of the formatter, over generated files in any layout, and over what is shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import nasdsl
from nasdsl.source import SourceFile
from nasdsl.syntax.declarations import file_text
from nasdsl.syntax.formatter import formatted
from nasdsl.syntax.lexer import comments
from nasdsl.syntax.parser import parse
from tests.syntax import generated

ROOT = Path(nasdsl.__file__).parent.parent
SHIPPED = sorted([*ROOT.glob("spaces/*.nas"), *ROOT.glob("nasdsl/library/*.nas")])


def told(text: str) -> list[str]:
    return sorted(comment.text.rstrip() for comment in comments(SourceFile("x", text)))


@settings(max_examples=200, deadline=None)
@given(generated.files)
def test_the_text_of_declarations_parses_to_them(items: Any) -> None:
    text = file_text(items)
    assert parse(SourceFile("x", text)).items == items
    assert formatted(SourceFile("x", text)) == text


@settings(max_examples=300, deadline=None)
@given(generated.texts)
def test_a_layout_keeps_what_is_said_and_told(text: str) -> None:
    once = formatted(SourceFile("x", text))
    assert parse(SourceFile("x", once)).items == parse(SourceFile("x", text)).items
    assert told(once) == told(text)
    assert formatted(SourceFile("x", once)) == once


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_is_shipped_is_formatted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(SourceFile(path.name, text)) == text
