"""Texts as they are while they are typed: every capability answers, and says nothing wrong."""

import random
from contextlib import suppress

import pytest

from nasdsl.diagnostics import NasdslError
from nasdsl.fixes import Edit
from nasdsl.lsp import actions, completion, formatting, hover, navigation, outline, rename
from nasdsl.lsp.document import Document
from nasdsl.lsp.mending import mended
from nasdsl.source import SourceFile
from nasdsl.syntax.formatter import formatted

from .places import SHIPPED, TEXT, marked  # noqa: TID252 - the tests are no installed package

PIECES = (*'{}()[]\n;"#🎈x=', "", "node ", "from ", "op ", "n[", "..", " | ", "use ")


def ask_everything(text: str, offset: int) -> None:
    document = Document(text)
    completion.completions(document, offset)
    hover.hover(document, offset)
    navigation.definition(document, offset)
    navigation.references(document, offset)
    outline.outline(document)
    formatting.formatting(document)
    list(actions.actions(document, offset, offset))
    with suppress(rename.Refused):
        rename.renamed(document, offset, "renamed")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_capability_answers_in_a_text_that_is_being_typed(name: str) -> None:
    text, rng = SHIPPED[name], random.Random(name)
    for _ in range(12):
        at, gone = rng.randrange(len(text)), rng.choice((0, 0, 1, 5, 40))
        typed = text[:at] + rng.choice(PIECES) + text[at + gone :]
        ask_everything(typed, min(at + rng.randrange(3), len(typed)))


@pytest.mark.parametrize(
    "text", ["", "\n", "#", "🎈", "{", "use", "cell f(x", "node n { from ", "\ud800", "net n {" * 200]
)
def test_every_capability_answers_in_almost_nothing(text: str) -> None:
    for offset in {0, len(text) // 2, len(text)}:
        ask_everything(text, offset)


def test_a_mended_tree_keeps_what_can_be_read_at_its_place() -> None:
    broken = TEXT.replace("    op    one of few\n", "    op    one of (\n").replace("param W = 16", "param W = = 16")
    whole, file = mended(SourceFile("a", TEXT)), mended(SourceFile("a", broken))
    kept = {type(item).__name__ + str(getattr(item, "name", "")): item for item in file.items}
    assert len(file.items) == len(whole.items) - 1
    cell = kept["GraphIdentifier(text='layer')"]
    assert [c.kind for c in cell.body[0].clauses] == ["from", "then"]
    assert broken[cell.body[1].span.start :].startswith("out last(n)")


def test_formatting_gives_the_canonical_layout() -> None:
    ugly = TEXT.replace("  ", " ").replace("one of few", "one   of few  # why")
    document = Document(ugly)
    changes = formatting.formatting(document)
    assert len(changes) > 1, "only the lines that differ"
    assert Edit("", changes).applied(ugly) == formatted(document.source)


def test_a_broken_text_is_not_formatted() -> None:
    document, _ = marked(TEXT.replace("param W", "param param W") + "§")
    with pytest.raises(NasdslError):
        formatted(document.source)
    assert formatting.formatting(document) == ()


def test_a_fix_is_offered_where_the_pointer_is() -> None:
    document = Document(TEXT.replace("one of few", "one of fw").replace("stem  conv_bn", "stem  conv_bm"))
    at = document.source.text.index("fw")
    (found,) = actions.actions(document, at, at)
    assert (found.edit.title, found.only) == ("Change to `few`", True)
    assert len(list(actions.actions(document, 0, len(document.source.text)))) == 2
