"""Expressions to text and back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nasdsl.source import SourceFile, Span
from nasdsl.syntax import printer, tree
from nasdsl.syntax.parser import parse
from nasdsl.syntax.tables import tables

SPAN = Span(SourceFile("", ""), 0, 0)


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


names = st.from_regex(r"[a-z_][a-z0-9_]{0,3}", fullmatch=True).filter(lambda w: w not in tables().words)
value_words = names | st.sampled_from(["in", "width", "level", "edges", "last"])
identifiers = st.builds(tree.Identifier, st.just(SPAN), names)
refs = st.builds(tree.Ref, st.just(SPAN), value_words)
plain_refs = st.builds(tree.Ref, st.just(SPAN), names)
numbers = st.builds(
    tree.Number, st.just(SPAN), st.integers(-(10**12), 10**12) | st.floats(0, 1e12, allow_subnormal=False).map(abs)
)
whole = st.builds(tree.Number, st.just(SPAN), st.integers(0, 99))
strings = st.builds(
    tree.String, st.just(SPAN), st.text(st.characters(exclude_characters='"\n', exclude_categories=["Cs"]), max_size=5)
)


def made(kind: Any, *parts: Any) -> Any:
    return st.builds(kind, st.just(SPAN), *parts)


def bigger(inner: Any) -> Any:
    args = made(tree.Arg, st.none() | made(tree.Identifier, value_words), inner)
    calls = made(tree.Call, made(tree.Identifier, value_words), st.lists(args, max_size=3).map(tuple))
    lists = made(tree.List, st.lists(inner | made(tree.Spread, identifiers), max_size=3).map(tuple))
    ranges = made(tree.Range, inner, inner, st.none() | inner) | made(tree.Range, inner, st.none(), st.none())
    last = made(tree.Last, whole | plain_refs, refs | lists | calls)
    sets = inner | last | made(tree.Except, inner | last, inner | last)
    sets = sets | made(tree.Except, made(tree.Except, inner, inner), inner)
    counts = whole | plain_refs | ranges
    return st.one_of(
        calls,
        lists,
        ranges,
        made(tree.Index, identifiers, inner),
        made(tree.Attribute, identifiers, identifiers),
        made(tree.Binary, st.sampled_from(["+", "-", "*", "//"]), inner, inner),
        made(tree.Weighted, inner, inner),
        made(tree.Choice, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        made(tree.Fresh, refs | calls),
        made(tree.Pick, counts, sets, st.sampled_from(["set", "repeats", "order"])),
        *(made(kind, sets) for kind in (tree.OneOf, tree.SomeOf, tree.AllOf, tree.OrderOf, tree.EachOf)),
    )


expressions = st.recursive(refs | numbers | strings, bigger, max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_the_text_of_an_expression_parses_to_it(expr: Any) -> None:
    text = printer.text(expr)
    assert read_back(text) == expr
    assert "".join(map(str, printer.template(expr, lambda _: None))) == text
