"""Definitions, references, new names and the outline."""

import pytest

from nasdsl.fixes import Edit
from nasdsl.lsp.navigation import definition, file_of, references
from nasdsl.lsp.outline import outline
from nasdsl.lsp.rename import Refused, renamed
from nasdsl.syntax.insertion import Change

from .places import TEXT, edited, marked, place  # noqa: TID252 - the tests are no installed package


def whole(text: str = TEXT):
    return marked(text + "§")[0]


@pytest.mark.parametrize(
    ("where", "part", "line"),
    [("2 * W", "W", 3), ("one of few", "few", 6), ("last(n)", "n", 10), ("fresh layer", "layer", 9), ("k = 5)", "k", 9),
     ("best of search", "search", 20), ("  layer.n", "n", 10), ("  layer.n", "layer", 9), ("from x", "x", 9)],
)  # fmt: skip
def test_a_name_is_found_where_it_is_declared(where: str, part: str, line: int) -> None:
    found = definition(whole(), place(where, part))
    assert found is not None
    assert found.text == part
    assert found.source.position(found.start)[0] == line


def test_an_imported_name_is_found_in_the_library() -> None:
    found = definition(whole(), place("stem  conv_bn", "conv_bn"))
    assert found is not None
    file = file_of(found.source)
    assert file is not None
    assert file.read_text(encoding="utf-8")[found.start : found.end] == "conv_bn"


def test_a_word_that_nobody_declares_is_found_nowhere() -> None:
    assert definition(whole(), place("earlier")) is None
    assert definition(whole(), place("one of few", "of")) is None
    assert references(whole(), place("earlier")) == ()


def test_references_with_and_without_the_declaration() -> None:
    document = whole()
    spans = references(document, place("cell layer", "layer"))
    assert [document.source.position(s.start)[0] for s in spans] == [9, 18, 23, 28, 29]
    assert len(references(document, place("cell layer", "layer"), declaration=False)) == 4


def test_a_new_name_is_given_everywhere() -> None:
    document = whole()
    places = renamed(document, place("  layer.n", "layer"), "unit")
    text = Edit("", tuple(Change(span, "unit") for span in places)).applied(TEXT)
    assert text == TEXT.replace("layer", "unit")
    assert not whole(text).problems


@pytest.mark.parametrize(
    ("where", "name", "reason"),
    [
        ("W = 16", "node", "keyword"),
        ("W = 16", "2", "not a name"),
        ("W = 16", "a b", "not a name"),
        ("W = 16", "twice", "declared in line 4"),
        ("W = 16", "conv_bn", "declared in line 1"),
        ("few = ", "x", ""),
        ("x, k", "n", "declared in line 10"),
        ("x, k", "prev", "means something else"),
        ("layer(x", "add", ""),
        ("identity,", "same", "imported"),
        ("earlier", "e", "no name here"),
    ],
)
def test_a_new_name_that_would_change_the_meaning_is_refused(where: str, name: str, reason: str) -> None:
    document = whole()
    if not reason:
        assert renamed(document, place(where), name)
        return
    with pytest.raises(Refused, match=reason):
        renamed(document, place(where), name)


def test_a_name_that_hides_another_is_refused() -> None:
    document, at = marked("param a = 3\nblock b(§k = 1) { conv(a); conv(k) }\n")
    with pytest.raises(Refused, match="means something else"):
        renamed(document, at, "a")


def test_a_net_without_a_name_and_a_broken_file_have_no_new_names() -> None:
    document, at = marked("§net { input image(3, 8, 8) }\n")
    with pytest.raises(Refused, match="no name of its own"):
        renamed(document, at, "a")
    document, at = edited("param W", "param §W = = 3\nparam V")
    with pytest.raises(Refused, match="mistake in its text|no name here"):
        renamed(document, at, "a")


def test_the_outline_has_every_declaration_inside_its_own() -> None:
    def names(entries) -> dict:
        return {entry.symbol.name: names(entry.inner) for entry in entries}

    assert names(outline(whole())) == {
        "W": {}, "twice": {}, "few": {}, "layer": {"x": {}, "k": {}, "n": {}}, "other": {}, "search": {"s": {}},
        "best": {},
    }  # fmt: skip
