"""What is shown under the pointer."""

import pytest

import nasdsl
from nasdsl.compiler.lower import network
from nasdsl.lsp.hover import hover
from nasdsl.terminal.text import short

from .places import TEXT, edited, marked, place  # noqa: TID252 - the tests are no installed package


def shown(where: str, part: str = "", text: str = TEXT) -> str:
    start = text.index(where) + where.index(part)
    document, at = marked(text[:start] + "§" + text[start:])
    found = hover(document, at)
    return found.text if found else ""


@pytest.mark.parametrize(
    ("where", "part", "said"),
    [
        ("W = 16", "W", "param W = 16"),
        ("(width = twice", "twice", "= 32"),
        ("cell layer", "layer", "cell `layer`: 8 genotypes of its own"),
        ("cell layer", "layer", "Two nodes in a row."),
        ("cell layer", "layer", "cell layer(x, k = 3)"),
        ("{ layer; other", "other", "cell `other`: 8 genotypes of its own"),
        ("net search", "search", "whole space: 128 genotypes"),
        ("one of few", "one", "one of: 2 alternatives at `layer.n[0].op[0]`"),
        ("pick 1", "pick", "pick 1: 1 alternative at `layer.n[0].from`, `other.n[0].from`"),
        ("pick 1", "pick", "pick 1: 2 alternatives at `layer.n[1].from`, `other.n[1].from`"),
        ("identity | sep", "|", "one of: 2 alternatives at `search.s"),
        ("one of few", "few", "ops few = [identity, sep_conv(3)]"),
        ("e n[2]", "n", "`n`: node of `layer`"),
        ("sep_conv(k", "sep_conv", "block sep_conv(k, stride = 1)"),
        ("sep_conv(k", "sep_conv", "Zoph et al., 2018"),
    ],
)
def test_what_is_said(where: str, part: str, said: str) -> None:
    assert said in shown(where, part)


def test_the_cost_is_that_of_the_example() -> None:
    """The same operation on the same shape, compiled from a file of its own."""
    text = "use vision (sep_conv)\nnet n { input image(16, 32, 32); stage (width = 16) { sep_conv(k = 5) } }"
    made = network(nasdsl.loads(text)[0])
    said = f"`sep_conv(k = 5)` of 16x32x32: gives 16x32x32, {short(made.params)} parameters, {short(made.macs)}"
    assert said in shown("sep_conv(k", "sep_conv")


def test_a_use_in_a_body_is_measured_with_plain_arguments() -> None:
    """Its own arguments are parameters that have no value there."""
    document, at = marked("use vision (conv)\nblock b(k) { §conv(k) }\nnet n { input image(3, 8, 8); b(1) }\n")
    found = hover(document, at)
    assert found is not None
    assert "`conv(3)` of 16x32x32: gives 16x32x32" in found.text


def test_a_merge_has_its_meaning() -> None:
    document, at = edited("op    one of few", "op    one of few\n    merge §add")
    found = hover(document, at)
    assert found is not None
    assert "merge add" in found.text
    assert "the sum" in found.text


def test_a_file_with_a_mistake_shows_what_is_written() -> None:
    broken = TEXT.replace("last(n)", "last(m)")
    assert "param twice = 2 * W" in shown("(width = twice", "twice", broken)
    assert "cell layer(x, k = 3)" in shown("cell layer", "layer", broken)
    assert shown("pick 1", "pick", broken) == ""


def test_nothing_is_said_of_nothing() -> None:
    assert hover(marked(TEXT + "\n§\n")[0], place("# Two") + 4) is None
