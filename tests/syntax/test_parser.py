"""Text to tree: every construct, exact spans, line ends, and input that means harm."""

import random
import re
from pathlib import Path
from typing import Any

import pytest

from nasdsl import report
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.lexer import DEPTH
from nasdsl.syntax.parser import LARGEST, MOST_ERRORS, parse, read
from nasdsl.syntax.tables import tables

from .texts import CONSTRUCTS  # noqa: TID252 - the tests are no installed package

SPAN = Span(SourceFile("", ""), 0, 0)


def file(text: str) -> tree.File:
    return parse(SourceFile("x.nas", text))


def expression(text: str) -> Any:
    return file(f"param x = {text}").items[0].value  # type: ignore[union-attr]


def codes(text: str) -> list[str]:
    with pytest.raises(NasdslError) as caught:
        file(text)
    return [d.code for d in caught.value.diagnostics]


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    try:
        file(text)
    except NasdslError as found:
        return found.diagnostics
    return ()


def name(text: str) -> tree.Identifier:
    return tree.Identifier(SPAN, text)


def ref(text: str) -> tree.Ref:
    return tree.Ref(SPAN, text)


def num(value: float) -> tree.Number:
    return tree.Number(SPAN, value)


def test_every_construct_has_its_declaration() -> None:
    kinds = [type(item).__name__ for item in file(CONSTRUCTS).items]
    assert kinds == (
        ["Use"] * 3
        + ["Param", "Hyper", "Let", "Ops", "Require"]
        + ["Graph"] * 3
        + ["Alias", "Graph", "Alias", "Block", "Net", "Net", "Require", "GenotypeBlock"]
    )


def test_an_import_is_of_a_module_or_of_a_file() -> None:
    module, path = file('use own.blocks (a)\nuse "own.blocks" (a)').items
    assert module == tree.Use(SPAN, "own.blocks", (name("a"),))
    assert path == tree.Use(SPAN, "own.blocks", (name("a"),), tree.String(SPAN, "own.blocks"))
    assert module != path


def test_headers() -> None:
    graph, block = file("cell f(a, p[3..7], state h, k = 3) { out a }\nblock b(k, e = 6) { conv(k) }").items
    assert isinstance(graph, tree.Graph)
    assert isinstance(block, tree.Block)
    levels = tree.Range(SPAN, num(3), num(7), None)
    assert graph.ports == (
        tree.Port(SPAN, name("a")),
        tree.Port(SPAN, name("p"), levels),
        tree.Port(SPAN, name("h"), state=True),
    )
    assert graph.parameters == (tree.Parameter(SPAN, name("k"), num(3)),)
    assert block.parameters == (tree.Parameter(SPAN, name("k"), None), tree.Parameter(SPAN, name("e"), num(6)))


def test_a_genotype_mirrors_the_node() -> None:
    (genotype,) = file(
        "genotype g of net_1 (C = 3) {\n f.n[0] { from a, n[1]; op conv(3), identity }\n s.b[*].op = 5\n}"
    ).items
    assert isinstance(genotype, tree.GenotypeBlock)
    point, assign = genotype.fixes
    assert genotype.of == name("net_1")
    assert genotype.args[0].name == name("C")
    assert isinstance(point, tree.Point)
    assert [c.kind for c in point.clauses] == ["from", "op"]
    part = tree.PathPart
    assert point.path == (part(SPAN, "f"), part(SPAN, "n"), part(SPAN, None, 0))
    assert assign.path == (part(SPAN, "s"), part(SPAN, "b"), part(SPAN, None, None), part(SPAN, "op"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("600M", 600_000_000), ("1.5K", 1500), ("0.25", 0.25), ("-1", -1), ("1e-3", 0.001), ("007", 7), ("0.0001K", 0.1)],
)
def test_numbers(text: str, value: float) -> None:
    assert expression(text).value == pytest.approx(value)
    assert isinstance(expression(text).value, type(value))


def test_operators_bind_as_in_arithmetic() -> None:
    product = tree.Binary(SPAN, "*", ref("b"), ref("c"))
    assert expression("a + b * c") == tree.Binary(SPAN, "+", ref("a"), product)
    minus = tree.Binary(SPAN, "-", ref("a"), ref("b"))
    assert expression("a - b - c") == tree.Binary(SPAN, "-", minus, ref("c"))
    assert expression("a | b @ 2") == tree.Choice(SPAN, (ref("a"), tree.Weighted(SPAN, ref("b"), num(2))))


def test_sets() -> None:
    assert expression("pick 2 of a in order") == tree.Pick(SPAN, num(2), ref("a"), "order")
    assert expression("pick 1.. of a with repeats").mode == "repeats"
    assert expression("some of a except b") == tree.SomeOf(SPAN, tree.Except(SPAN, ref("a"), ref("b")))
    assert expression("one of last 5 of a") == tree.OneOf(SPAN, tree.Last(SPAN, num(5), ref("a")))
    assert expression("last(n)") == tree.Call(SPAN, name("last"), (tree.Arg(SPAN, None, ref("n")),))


def every(node: Any) -> Any:
    """All parts of a tree, with the part that holds each."""
    for name in node._fields:
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, tree.Tree):
                yield node, part
                yield from every(part)


def test_spans_are_exact_and_nested() -> None:
    whole = file(CONSTRUCTS)
    for outer, part in every(whole):
        assert outer.span.start <= part.span.start < part.span.end <= outer.span.end
        assert part.span.text == part.span.text.strip()
        if isinstance(part, tree.Identifier):
            assert part.span.text == part.text
        if isinstance(part, (tree.Call, tree.List)):
            assert part.span.text[-1] in ")]"
            assert part.span.text.count("(") == part.span.text.count(")")


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: "\ufeff" + t,
        lambda t: t.rstrip("\n"),
        lambda t: t + "\n\n  # \u00e9\u4e16",
        lambda t: t.replace("  ", "\t"),
        lambda t: "\n\n" + t,
        lambda t: t.replace("\n", " # caf\u00e9 {\n"),
        lambda t: t.replace("\n", ";\n").replace(",;", ",").replace("6M;", "6M").replace("600M;\n  and", "600M and"),
        lambda t: t.replace(" {", "\n{"),
    ],
)
def test_line_ends_blanks_and_comments_do_not_change_the_tree(change: Any) -> None:
    changed = change(CONSTRUCTS)
    assert file(changed).items == file(CONSTRUCTS).items
    for _, part in every(file(changed)):
        assert not isinstance(part, tree.Identifier) or part.span.text == part.text


def test_every_keyword_is_refused_as_a_name_at_its_declaration() -> None:
    for word in (w for w in tables().words if w.isalpha()):
        for text in (
            f"param {word} = 3",
            f"cell {word}(x) {{ out x }}",
            f"ops {word} = [a]",
            f"net {word} {{ conv }}",
            f"block {word} {{ a }}",
            f"cell f({word}) {{ out x }}",
            f"cell f(x) {{ node {word} {{ from x }} }}",
        ):
            assert codes(text) == ["E0106"], text


def test_words_of_the_language_stand_in_paths_and_values() -> None:
    assert file("genotype g { a.from[0].op.level.stage = 3 }").items
    assert expression("conv(1, width = expand * in, level = 3)")


def test_all_independent_errors_are_reported() -> None:
    text = "param = 3\ncell f(x) {\n  node n { from }\n}\nops a = [3\nnet good { conv }\nblock b { repeat { x } }\n"
    assert codes(text) == ["E0101", "E0101", "E0105", "E0101"]
    assert len(codes("param = 3\n" * 100)) == MOST_ERRORS


@pytest.mark.parametrize(
    "text",
    [
        "param x = " + "(" * 100_000,
        "param x = " + "f(" * 5000 + ")" * 5000,
        "param x = " + "[" * 300 + "]" * 300,
        "net n " + "{ shortcut " * 50_000,
        "param x = 1" + " + 1" * 200_000,
        "param x = " + "- " * 1000 + "1",
        "param x = a" + " @ 1" * 500,
        "param x = one of a" + " except b" * 5000,
        "\0" * 1000,
        "param x = " + "9" * 5000,
        "param x = 1e999",
        "((((" * 30,
        "}" * 1000,
        '"' * 999,
        "cell " * 10_000,
        "|" * 1000,
        ";" * 100_000,
        "[{(" * 1000,
        "net n { " + "repeat 2 { " * (DEPTH + 1) + "a" + "}" * (DEPTH + 2),
        "\u202e" * 50,
        "param x = a" + ".a" * 500,
    ],
)
def test_hostile_texts_are_refused_with_a_position(text: str) -> None:
    with pytest.raises(NasdslError) as caught:
        file(text)
    assert all(d.span is not None for d in caught.value.diagnostics)
    assert report.terminal(caught.value.diagnostics)
    assert report.as_json(caught.value.diagnostics)


def test_nesting_up_to_the_limit_is_fine() -> None:
    assert expression("(" * DEPTH + "1" + ")" * DEPTH) == num(1)
    assert codes("param x = " + "f(" * 150 + ")" * 150) == ["E0110"]
    assert codes("param x = 1" + " + 1" * 150) == ["E0110"]


def test_broken_texts_never_end_in_a_traceback_or_show_a_terminal() -> None:
    rng = random.Random(1)
    pieces = [*re.findall(r"\w+|\s+|[^\w\s]", CONSTRUCTS), "if", "==", "\u00d7", "'", '"', "3x"]
    hidden = re.compile(r"_NL|__ANON|RBRACE|LSQB|RPAR|\$END|COMMA\b")
    for _ in range(300):
        broken = list(pieces)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(broken))
            broken[at : at + rng.randint(0, 3)] = rng.choices(
                [*pieces, "if", "==", "\u00d7", "'", '"', "3x"], k=rng.randint(0, 2)
            )
        found = mistakes("".join(broken))
        assert not hidden.search(report.terminal(found))
        starts = [d.span.start for d in found if d.span]
        assert starts == sorted(starts)


def test_read(tmp_path: Path) -> None:
    good = tmp_path / "a.nas"
    good.write_bytes(b"\xef\xbb\xbfparam N = 3\r\n")
    assert parse(read(good)).items
    assert read(good).path == good
    bad = tmp_path / "b.nas"
    bad.write_bytes("# caf\u00e9\nparam \n".encode() + b"\xff\xfe\x00")
    large = tmp_path / "c.nas"
    large.write_bytes(b"#" * (LARGEST + 1))
    empty = tmp_path / "d.nas"
    empty.write_bytes(b"")
    for path, code in (
        (bad, "E0117"),
        (large, "E0112"),
        (tmp_path, "E0116"),
        (tmp_path / "none", "E0116"),
        ("a\0b", "E0116"),
        (empty, "E0111"),
    ):
        with pytest.raises(NasdslError) as caught:
            parse(read(path))
        assert caught.value.diagnostics[0].code == code
        if code == "E0117":
            span = caught.value.diagnostics[0].span
            assert span is not None
            assert span.source.position(span.start) == (3, 1)
