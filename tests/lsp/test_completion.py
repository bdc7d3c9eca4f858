"""What can be typed at a cursor, in texts that are being typed."""

import pytest

from nasdsl.lsp.completion import Completion, completions
from nasdsl.syntax.parser import parse_partly

from .places import TEXT, edited, marked  # noqa: TID252 - the tests are no installed package

CLAUSES = {"from", "op", "merge", "absorb", "then", "level", "width", "let", "require"}


def offered(old: str, new: str) -> dict[str, Completion]:
    return {c.text: c for c in completions(*edited(old, new))}


@pytest.mark.parametrize(
    ("old", "new", "there", "not_there"),
    [
        ("param W = 16", "§", {"param", "cell", "use", "net"}, {"from", "W", "of"}),
        ("    op    one of few\n", "    §\n", CLAUSES, {"W", "few", "cell", "of"}),
        ("    op    one of few\n", "    mer§\n", {"merge"}, {"few"}),
        ("one of few", "§", {"one", "some", "few", "identity", "layer", "conv"}, {"W", "add", "earlier", "from", "of"}),
        ("one of few", "one of §", {"few", "identity"}, {"one", "W"}),
        ("one of few", "one §", {"of"}, {"few", "identity", "one"}),
        ("pick 1 of earlier", "§", {"x", "n", "earlier", "prev", "unused", "pick", "all"}, {"W", "identity", "few"}),
        ("pick 1 of earlier", "pick §", {"W", "twice", "k"}, {"x", "earlier", "identity"}),
        ("op    one of few", "merge §", {"add", "concat", "global_pool"}, {"identity", "W", "x"}),
        ("last(n)", "§", {"concat", "n", "x", "unused", "earlier"}, {"identity", "W", "k"}),
        ("last(n)", "concat(§", {"n", "x", "unused"}, {"identity", "W", "add"}),
        ("sep_conv(k = 5)", "sep_conv(§)", {"k = ", "stride = ", "width = ", "W", "twice"}, {"identity", "x"}),
        ("sep_conv(k = 5)", "sep_conv(k = 5, §)", {"stride = ", "width = "}, {"k = "}),
        ("sep_conv(k = 5)", "sep_conv(k = §)", {"W", "twice"}, {"k = ", "identity"}),
        ("fresh layer(k = 5)", "fresh layer(§)", {"k = ", "width = ", "stride = "}, set()),
        ("fresh layer(k = 5)", "fresh §", {"layer"}, {"identity", "W"}),
        ("(width = twice)", "(§)", {"width = ", "stride = "}, set()),
        ("  head  classifier(10)", "  §", {"head", "stage", "repeat", "layer"}, {"from", "width", "in"}),
        ("classifier(10)", "§", {"classifier", "conv_bn"}, {"W", "from"}),
        ("image(3, 8, 8)", "§", {"image", "pyramid"}, {"identity"}),
        ("image(3, 8, 8)", "image(§", {"channels = ", "height = ", "width = "}, set()),
        ("use vision (", "use §\nuse vision (", {"vision", "detection", "primitives"}, {"W"}),
        ("sep_conv, classifier)", "§)", {"dil_conv", "max_pool"}, {"identity", "conv_bn", "resample"}),
        ("best of search", "best of §", {"search"}, {"layer"}),
        ("  layer.n[0]", "  other.n[1] { from § }\n  layer.n[0]", {"x", "n"}, {"W", "identity"}),
        ("  layer.n[0]", "  §\n  layer.n[0]", {"layer.n[1]", "other.n[0]"}, {"from"}),
        ("  layer.n[0]", "  other.§\n  layer.n[0]", {"other.n[0]"}, {"from"}),
        ("node n[2]", "node §", set(), {"n", "x", "W", "identity", "from"}),
        ("param W = 16", "param W = 16  # §", set(), {"W", "param"}),
    ],
)  # fmt: skip
def test_what_fits_is_offered(old: str, new: str, there: set[str], not_there: set[str]) -> None:
    found = set(offered(old, new))
    assert there <= found, sorted(found)
    assert not not_there & found


def test_a_proposal_takes_the_place_of_the_word_around_the_cursor() -> None:
    document, at = edited("one of few", "one of f§ew")
    (found,) = [c for c in completions(document, at) if c.text == "few"]
    assert found.replaced.text == "few"


def test_an_operation_of_the_library_brings_its_import() -> None:
    document, at = edited("one of few", "dil_§")
    (found,) = [c for c in completions(document, at) if c.text == "dil_conv"]
    assert found.also is not None
    text = TEXT.replace("one of few", "dil_")
    text = text[: found.also.span.start] + found.also.text + text[found.also.span.end :]
    assert text.startswith("use vision (identity, conv_bn, sep_conv, classifier, dil_conv)")
    assert "k, stride = 1" in found.detail


def test_what_is_declared_below_a_broken_statement_is_known() -> None:
    document, at = marked("cell f(x) {\n  node n { from x; op § }\n  out n n n\n}\nblock later { relu }\n")
    assert {"later", "f"} <= {c.text for c in completions(document, at)}


def test_nothing_is_asked_of_a_text_of_another_language() -> None:
    document, at = marked('{"a": [1, §]}')
    assert parse_partly(document.source)[1]
    completions(document, at)
