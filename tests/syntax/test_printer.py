"""Expressions to text and back."""

from typing import Any

import pytest
from hypothesis import given, settings

from nasdsl.source import SourceFile
from nasdsl.syntax import printer
from nasdsl.syntax.parser import parse
from tests.syntax.generated import expressions


def read_back(text: str) -> Any:
    return parse(SourceFile("x", f"param x = {text}")).items[0].value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "sep_conv(3)",
        "mbconv(k = 3, expand = 6)",
        "pick 2 of earlier with repeats",
        "a | b",
        "2 * (a + b) // c - d",
        "a - (b - c)",
        "one of 8..64 step 8",
        "[none, *small, conv(1 | 3)]",
        "pick 1..3 of last 5 of [s, *n] in order",
        "fresh f(stride = 2)",
        "some of earlier except prev",
        "a @ 2 | b",
        "(a | b) | c",
        "p[3]",
        "a.width",
        "0..",
        "(in)..(C * 2)",
        "one of (a | b)",
        "-1",
        "a - -1",
        "one of (3)",
        "each [3, 5]",
        "order of 3..7",
        "all of earlier",
        '"text"',
        "0.25",
        "width // 2",
    ],
)
def test_canonical_text_is_a_fixed_point(text: str) -> None:
    shown = printer.text(read_back(text))
    assert shown == text
    assert read_back(shown) == read_back(text)


def test_parentheses_that_say_nothing_vanish() -> None:
    assert printer.text(read_back("((a) + (b * c)) | (d)")) == "a + b * c | d"


def test_templates() -> None:
    expr = read_back("conv(k = 3 | 5, width = 2 * (8 | 16))")
    holes: dict[Any, int] = {expr.args[0].value: 0, expr.args[1].value.right: 1}
    assert printer.template(expr, holes.get) == ("conv(k = ", 0, ", width = 2 * ", 1, ")")
    assert printer.template(expr, lambda e: 7) == (7,)
    members = read_back("one of a except b")
    assert printer.template(members, lambda e: 1 if e == members.members else None) == ("one of ", 1)


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_the_text_of_an_expression_parses_to_it(expr: Any) -> None:
    text = printer.text(expr)
    assert read_back(text) == expr
    assert "".join(map(str, printer.template(expr, lambda _: None))) == text
