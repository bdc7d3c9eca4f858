"""What is not warned of, and that a large file is looked through in time. What is warned of stands in tests/errors."""

from pathlib import Path
from time import process_time

import pytest

from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.lint import warnings
from nasdsl.compiler.load import expanded
from nasdsl.source import SourceFile
from nasdsl.syntax.parser import parse

ROOT = Path(__file__).parents[2]
IMPORTS = "use vision (identity, none, sep_conv, conv_bn, classifier)\n"
CELL = "cell f(x) { node n { from x; op identity | none | sep_conv(3) }; out n }\n"


def found(text: str) -> list[tuple[str, str]]:
    """Codes and the texts they stand at."""
    return [(d.code, d.span.text if d.span else "") for d in diagnostics(SourceFile("a.nas", text))]


def net(stages: str, declarations: str = CELL) -> str:
    parts = f"input image(3, 32, 32); stem conv_bn(3, width = 8); {stages}; head classifier(10)"
    return f"{IMPORTS}{declarations}net search {{ {parts} }}\n"


def stage(body: str) -> str:
    return f"stage (width = 8) {{ {body} }}"


# Its 15 layers read any of what is before them, at any width: too many shapes to follow.
UNPROVED = {"nasrl"}


@pytest.mark.parametrize("path", sorted((ROOT / "spaces").glob("*.nas")), ids=lambda p: p.stem)
def test_a_shipped_space_is_not_warned_of(path: Path) -> None:
    warned = diagnostics(SourceFile(str(path), path.read_text(encoding="utf-8")))
    assert [d.code for d in warned] == (["W0401"] if path.stem in UNPROVED else [])


@pytest.mark.parametrize(
    "text",
    [
        net(stage("repeat 3 { f }")),
        net(stage("repeat 3 { f; sep_conv(3) }")),
        net(stage("repeat 3 { fresh f; sep_conv(3 | 5) }")),
        net(stage("repeat 1 { f; sep_conv(3 | 5) }")),
        net(stage("repeat 3 { f | identity; sep_conv(3 | 5) }")),
        net(stage("repeat 3 { same; sep_conv(3 | 5) }"), CELL + "cell same = f()\n"),
        net(stage("repeat 1..3 { f }")),
        net(stage("b; f"), CELL + "block b { f; sep_conv(3) }\n"),
        net(stage("b; b"), CELL + "block b { fresh f; sep_conv(3) }\n"),
        net(stage("b; b"), CELL + "block b { f | identity }\n"),
        net(stage("g"), CELL + "cell g(x) { node n[3] { from x; op one of [f, identity] }; out concat(n) }\n"),
        net(stage("g"), CELL + "cell g(x) { node n { from x; op f }; out n }\n"),
    ],
)
def test_sharing_that_is_meant(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (net("f; fresh f; f"), "f"),  # the second
        (net(stage("repeat 2 { branch add { f } { sep_conv(3 | 5) } }")), "f"),
        (net(stage("repeat 2 { f(stride = 1); repeat 1..2 { sep_conv(3) } }")), "f(stride = 1)"),
        (net(stage("repeat 2 { f; repeat 1 | 3 { sep_conv(3) } }")), "f"),
        (net(stage("c"), CELL + "block b { f; identity }\nblock c { b; b }\n"), "f"),
        (net(stage("c; c"), CELL + "block b { f; identity }\nblock c { b }\n"), "f"),
        (net(stage("c"), CELL + "block b { f }\ncell c(x) { node n[2] { from x; op b }; out concat(n) }\n"), "f"),
        (net(stage("c"), CELL + "cell c(a, b) { node n { from a, b; op f, f; merge add }; out n }\n"), "f"),
    ],
)
def test_sharing_that_surprises(text: str, at: str) -> None:
    """Beyond the plain cases of tests/errors."""
    assert set(found(text)) == {("W0204", at)}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("n", 0),
        ("concat(unused(n))", 0),
        ("last(n)", 0),
        ("n[0]", 1),
        ("concat([n[0], n[1]])", 1),
    ],
)
def test_elements_that_may_be_delivered(body: str, count: int) -> None:
    """Of three elements, each of which may read those before it."""
    out = body if body != "n" else "concat(n)"
    cell = f"cell f(x) {{ node n[3] {{ from pick 1 of earlier; op sep_conv(3) | none }}; out {out} }}\n"
    text = net(stage("f"), cell).replace("identity, ", "")
    assert found(text) == [("W0203", "n")] * count


def test_a_value_that_every_genotype_reads_is_delivered_by_its_reader_alone() -> None:
    """`m` always reads `n`, so `n` is never among the unused; and nobody reads `m`."""
    cell = "cell f(x) { node n { from x; op identity | none }; node m { from n; op sep_conv(3) }; out concat([x]) }\n"
    assert found(net(stage("f"), cell)) == [("W0203", "m")]
    absorbed = cell.replace("out concat([x])", "node o { from x; absorb unused; merge add }; out o")
    assert found(net(stage("f"), absorbed)) == []


@pytest.mark.parametrize(
    "declarations",
    [
        CELL + "param _old = 3\n",
        CELL + "ops _old = [sep_conv(5)]\n",
        CELL + "block _old(k) { sep_conv(k); conv_bn(3) }\n",
        CELL.replace("(x)", "(_x, x)"),
        CELL.replace("(x)", "(x, _k = 3)"),
        CELL.replace("out n", "let _k = 3; out n"),
    ],
)
def test_a_name_that_asks_to_be_left_alone(declarations: str) -> None:
    assert found(net(stage("f"), declarations)) == []


def test_a_constraint_or_an_argument_of_a_copy() -> None:
    declared = "cell f(x, k = 3) { node n { from x; op identity | none | sep_conv(k) }; out n }\ncell g = f(k = 5)\n"
    assert found(net(stage("f; g"), declared)) == []


def test_an_argument_uses_no_parameter() -> None:
    declared = CELL.replace("(x)", "(x, k = 3)") + "cell g = f(k = 5)\n"
    assert found(net(stage("f; g"), declared)) == [("W0201", "k")]


def test_no_warning_beside_an_error() -> None:
    text = net(stage("f; conv_bm(3)"), CELL + "param N = 3\n")
    assert [code for code, _ in found(text)] == ["E0201"]


def test_a_file_of_blocks_offers_all_it_declares() -> None:
    file = parse(SourceFile("a.nas", IMPORTS + "block b(k) { sep_conv(k); conv_bn(3) }\nops some_ops = [identity]\n"))
    codes = [(d.code, d.span.text if d.span else "") for d in warnings(file, expanded(file))]
    assert codes == [("W0201", "none"), ("W0201", "classifier")]


def test_the_library_is_not_warned_of() -> None:
    file = parse(SourceFile("a.nas", IMPORTS, library=True))
    assert warnings(file, expanded(file)) == []


def test_a_large_file_is_looked_through_in_time() -> None:
    cells = "".join(CELL.replace("cell f", f"cell f{i}") for i in range(400))
    blocks = "".join(f"block b{i}(k) {{ f{i}; sep_conv(k); sep_conv(k) }}\n" for i in range(400))
    uses = "; ".join(stage(f"repeat 2 {{ f{i} }}; b{i}(3)") for i in range(400))
    file = parse(SourceFile("a.nas", net(uses, cells + blocks)))
    whole = expanded(file)
    start = process_time()
    assert warnings(file, whole) == []
    assert process_time() - start < 1
