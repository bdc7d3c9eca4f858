"""The index of names: what each name of a file means, by its position."""

from itertools import pairwise
from pathlib import Path

import pytest

from nasdsl.ops.registry import PRIMITIVES
from nasdsl.source import SourceFile
from nasdsl.syntax.lexer import Lexer
from nasdsl.syntax.parser import parse
from nasdsl.syntax.symbols import Reference, Symbol, Symbols, symbols

from .texts import CONSTRUCTS  # noqa: TID252 - the tests are no installed package

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "spaces").glob("*.nas")), *sorted((ROOT / "nasdsl" / "library").glob("*.nas"))]

TEXT = """use vision (identity, conv_bn)
param N = 2
block layer(k, size = N) { let wide = 1 | 2; first: conv_bn(k, width = wide); fresh normal }
cell normal(a, c, k = 3) {
  node n[2] { from n, pick 2 of earlier; op one of [identity, layer(k = k)]; merge add; let k = 5 | 7 }
  node late { from n[1], late; op conv_bn(k) }
  require n.k <= 3
  out concat(unused(n))
}
cell reduce = fresh normal(k = 5)
net search {
  input image(3, 32, 32)
  stage s1 (width = 16) { b: layer(N); repeat N { reduce } }
}
require search.s1 <= 2
genotype best of search (N = 4) {
  normal.n[0] { from a, n[0]; op layer(k = 3), identity }
  reduce.late.from = n[0]
  search.s1.b.wide = 2
}
"""


def indexed(text: str) -> Symbols:
    return symbols(parse(SourceFile("a.nas", text)))


INDEX = indexed(TEXT)


def at(place: str, part: str = "", index: Symbols = INDEX, text: str = TEXT) -> Symbol | Reference:
    """What stands at the first occurrence of `part` inside the first one of `place`."""
    start = text.index(place)
    found = index.at(start + place.index(part))
    assert found is not None
    assert found.span.text == found.name == (part or place)
    return found


def meant(place: str, part: str) -> tuple[str, str] | None:
    """Kind and line of what a reference refers to."""
    found = at(place, part)
    assert isinstance(found, Reference)
    if found.symbol is None:
        return None
    line = found.symbol.span.source.position(found.symbol.span.start)[0]
    return found.symbol.kind, str(line)


@pytest.mark.parametrize(
    ("place", "part", "expected"),
    [
        ("size = N", "N", ("param", "2")),
        ("conv_bn(k, width", "k", ("parameter", "3")),
        ("width = wide", "wide", ("let", "3")),
        ("width = wide", "width", None),
        ("fresh normal }", "normal", ("cell", "4")),  # declared further down
        ("from n, pick", "n", ("node", "5")),  # inside an array its name is its earlier elements
        ("of earlier", "earlier", None),
        ("layer(k = k)", "layer", ("block", "3")),
        ("layer(k = k)", "k", ("parameter", "3")),  # the argument
        ("= k)", "k", ("let", "5")),  # a let of the node, which hides the cell's parameter
        ("from n[1]", "n", ("node", "5")),
        (", late;", "late", None),  # a node does not see itself
        ("op conv_bn(k)", "k", ("parameter", "4")),
        ("n.k <=", "n", ("node", "5")),
        (".k <=", "k", ("let", "5")),
        ("unused(n)", "unused", None),
        ("normal(k = 5)", "k", ("parameter", "4")),
        ("repeat N", "N", ("param", "2")),
        ("search.s1 <=", "search", ("net", "11")),
        ("s1 <= 2", "s1", ("stage", "13")),
        ("of search (N", "search", ("net", "11")),
        ("(N = 4)", "N", ("param", "2")),
        ("normal.n[0] {", "normal", ("cell", "4")),
        ("n[0] {", "n", ("node", "5")),
        ("from a, n[0]", "a", ("port", "4")),
        ("a, n[0]", "n", ("node", "5")),
        ("op layer(k = 3)", "layer", ("block", "3")),
        ("op layer(k = 3)", "k", ("parameter", "3")),
        ("reduce.late", "reduce", ("cell", "10")),
        ("late.from", "late", ("node", "6")),  # of a copy: its original's
        ("late.from", "from", None),
        (".from = n[0]", "n", ("node", "5")),
        ("search.s1.b", "s1", ("stage", "13")),
        ("b.wide", "b", ("label", "13")),
        ("b.wide", "wide", ("let", "3")),  # of the block that the step uses
    ],
)
def test_meaning(place: str, part: str, expected: tuple[str, str] | None) -> None:
    assert meant(place, part) == expected


def test_references_of_a_symbol() -> None:
    node = at("n[2]", "n")
    assert isinstance(node, Symbol)
    lines = [r.span.source.position(r.span.start)[0] for r in INDEX.references_to(node)]
    assert lines == [5, 6, 7, 8, 17, 17, 18]
    assert node.container is at("normal(a", "normal")


def names(place: str, index: Symbols = INDEX) -> set[str]:
    return {s.name for s in index.visible(TEXT.index(place))}


TOP = {"identity", "conv_bn", "N", "layer", "normal", "reduce", "search"}


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("param", set()),
        ("first: conv_bn", {"k", "size", "wide"}),
        ("let wide", {"k", "size"}),
        ("from n, pick", {"a", "c", "k", "n"}),
        ("from n[1]", {"a", "c", "k", "n"}),
        ("out concat", {"a", "c", "k", "n", "late"}),
        ("<= 3", {"a", "c", "k", "n", "late"}),
        ("repeat N", set()),
        ("s1 <= 2", set()),
    ],
)
def test_what_can_be_named(place: str, more: set[str]) -> None:
    assert names(place) == TOP | more


def test_the_inner_name_hides_the_outer() -> None:
    inner = {s.name: s.kind for s in INDEX.visible(TEXT.index("op one of"))}
    outer = {s.name: s.kind for s in INDEX.visible(TEXT.index("op conv_bn"))}
    assert (inner["k"], outer["k"]) == ("let", "parameter")


def test_nothing_stands_there() -> None:
    assert INDEX.at(TEXT.index("= fresh")) is None
    assert symbols(parse(SourceFile("a.nas", "# only a comment\ncell c(x) { out x }"))).at(3) is None


def test_a_value_and_an_operation_of_one_name() -> None:
    text = "use vision (conv_bn)\ncell f(conv_bn) { node n { from conv_bn; op conv_bn(3) } out n }"
    index = indexed(text.replace(") } out", ") }; out"))
    kinds = [r.symbol.kind for r in index.references if r.name == "conv_bn" and r.symbol]
    assert kinds == ["port", "import"]


def test_every_kind_of_declaration() -> None:
    kinds = {s.kind for s in indexed(CONSTRUCTS).declarations}
    assert kinds == {
        "import", "param", "hyper", "let", "ops", "cell", "motif", "block", "net", "genotype", "port", "node",
        "parameter", "stage", "label", "tap",
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_name_of_a_shipped_file_is_known(path: Path) -> None:
    source = SourceFile(path.name, path.read_text(encoding="utf-8"))
    index = symbols(parse(source))
    tokens = list(Lexer(source))
    for before, token in pairwise(tokens):
        if token.kind == "NAME" and before.kind != "USE":
            found = index.at(token.start)
            assert found is not None, token
            assert (found.span.start, found.span.end) == (token.start, token.end)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_what_a_shipped_file_leaves_open(path: Path) -> None:
    index = symbols(parse(SourceFile(path.name, path.read_text(encoding="utf-8"))))
    left = {r.name for r in index.references if r.symbol is None and r.role == "name"}
    everywhere = {name for name, primitive in PRIMITIVES.items() if primitive.role in ("merge", "input")}
    words = {
        "earlier", "prev", "unused", "free", "shared", "native", "last", "level", "edges", "in", "width", "pyramid",
    }  # fmt: skip
    # In a genotype the parameters of a block are part of how an alternative is written.
    assert left <= everywhere | words | ({"inner", "act"} if path.stem == "mobilenetv3" else set())
