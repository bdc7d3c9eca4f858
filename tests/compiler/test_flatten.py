"""A space printed as one flat text is the same space: its size, and the network of every number."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nasdsl.compiler.keys import exact
from nasdsl.compiler.load import load, shipped
from nasdsl.source import SourceFile
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse
from nasdsl.terminal.printing import printed

SMALL = {"nasnet": {"N": 1}, "darts": {"N": 2, "C": 16}, "hierarchical": {"C": 8}, "nasfpn": {"N": 2}}


def same(folder: Path, where: str | Path, params: Any = None, net: str | None = None, samples: int = 5) -> str:
    """The flat text of a space, after every law was tried on it."""
    text = printed(where, params, net)
    copy = folder / "printed.nas"
    copy.write_text(text, encoding="utf-8")
    one, other = load(where, params, net), load(copy)
    assert one.size == other.size
    rng = Random(0)
    for rank in {0, one.size - 1, *(rng.randrange(one.size) for _ in range(samples))}:
        assert exact(one[rank]) == exact(other[rank]), rank
    assert {name: one.point(name).rank for name in one.points} == {
        name: other.point(name).rank for name in other.points
    }
    flat(text)
    assert printed(copy) == text
    return text


def flat(text: str) -> None:
    """Nothing is left that needs another file, a parameter, or a copy of a cell."""
    items = parse(SourceFile("printed", text)).items
    assert not any(isinstance(item, tree.Param) for item in items)
    assert {item.module for item in items if isinstance(item, tree.Use)} <= {"primitives"}


NETS = [("nasnet", None), ("darts", None), ("hierarchical", "search"), ("hierarchical", "cifar10"), ("nasfpn", None)]


@pytest.mark.parametrize(("name", "net"), NETS)
def test_shipped_spaces(tmp_path: Path, name: str, net: str | None) -> None:
    same(tmp_path, name, None, net, samples=2)
    text = same(tmp_path, name, SMALL[name], net)
    assert "fresh" not in text


@pytest.mark.parametrize("name", sorted({*shipped()} - {*SMALL}))
def test_other_shipped_spaces(tmp_path: Path, name: str) -> None:
    same(tmp_path, name, samples=2)


HEAD = "use vision (conv_bn, classifier, identity, sep_conv, relu_conv_bn)\n"

SPACES = {
    "copies": """
param N = 2
ops o = [identity, sep_conv(3)]
cell a(x, k = 3) { node n[2] { from one of earlier; op one of o }; out last(n) }
cell b(x) { node n { from x; op identity | conv_bn(k) }; out n }
param k = 5
cell a_1 = fresh a(5, stride = 2)
net first {
  input image(3, 8, 8)
  stem conv_bn(1, width = 4)
  stage (width = 4) { repeat N { fresh a; c: conv_bn(1 | 3); fresh b(stride = 1) } }
  stage (width = 4) { a_1; a(k = 1); repeat 2 { let w = 1 | 3; fresh a(w); repeat N // 2 { fresh b } } }
  branch add { fresh a } { repeat 0 { fresh b }; shortcut { l: fresh a } }
  a_1(1, width = 4)
}
cell later(x) { node n { from x; op identity | conv_bn(1) }; out n }
net second { input image(3, 8, 8); stem conv_bn(1, width = 4); later; fresh later; later }
""",
    "collisions": """
block conv(k) { sep_conv(k | 5); conv_bn_2 }
block conv_bn_2 { conv_bn(1) }
block conv_2 { identity }
block concat(relu) { conv_bn(relu) }
cell c(x, y) { node n { from all of earlier; op conv(3) | conv_2 | concat(1); merge add }; out n }
net n { input image(3, 8, 8); stem conv_bn(1, width = 4); stage (width = 4) { c; c } }
""",
    "parameters": """
param W = 4
param L = 8
param k = 3
let kernel = 1 | 3
let last_one = W // 2
block b(k, W = 2) { conv_bn(k, width = W * in); conv_bn(kernel, width = L); conv_bn(1) }
block moved(kernel) { reduce; conv_bn(kernel) }
cell c(x, k = W - 1) {
  node W { from x; op conv_bn(k) | conv_bn(kernel, width = W) }
  node n[W // 2] { from one of [W, *n]; op one of [b(k), b(5, W = W), moved(1)] }
  out last(n)
}
cell d(x, k = 3) { node n { from x; op conv_bn(k) | identity }; out n }
cell reduce = fresh d(kernel)
net n { input image(3, 8, 8); stem conv_bn(1, width = 4)
  stage (width = W) { repeat last_one { c; reduce } }; head classifier(10) }
""",
    "arrays": """
param M = 3
motif m[M](x) { node n { from x; op identity | conv_bn(1) }; out n }
motif one_of_them = m[M - 1]
cell c(x) { node n[2] { from prev; op one of [*m, sep_conv(3)] except [m[1]] }; out last(n) }
block last_block { c; one_of_them; m[0] }
net n { input image(3, 8, 8); stem conv_bn(1, width = 4); stage (width = 4) { last_block; fresh last_block } }
""",
    "a_cell_alone": """
motif m(x) { node n { from x; op identity | conv_bn(1) }; out n }
motif o = fresh m
cell c(x) { node n { from x; op m | o | m(stride = 1) }; out n }
motif behind = fresh m
""",
    "copies_in_blocks": """
cell a(x) { node n { from x; op identity | conv_bn(1) }; out n }
block b { fresh a; relu_conv_bn(1 | 3); fresh a }
net n { input image(3, 8, 8); stem conv_bn(1, width = 4); stage (width = 4) { b; b; fresh a; repeat 2 { b } } }
""",
}


@pytest.mark.parametrize("name", SPACES)
def test_constructs(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.nas"
    path.write_text(HEAD + SPACES[name], encoding="utf-8")
    text = same(tmp_path, path, samples=30)
    assert name == "a_cell_alone" or text.replace("fresh last_block", "").count("fresh") == 2 * (
        name == "copies_in_blocks"
    )
    if name == "copies":
        same(tmp_path, path, {"N": 3, "k": 1}, samples=10)
        assert "cell a(" in same(tmp_path, path, net="first")
        second = same(tmp_path, path, net="second")
        assert "cell later_1(" in second
        assert "cell a(" not in second


def test_names_say_where_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "own.nas").write_text(
        "use vision (conv_bn, identity)\n"
        "param K = 3\n"
        "let kernel = 1 | K\n"
        "ops o = [identity, conv_bn(kernel)]\n"
        "cell hidden(x) { node n { from x; op one of o }; out n }\n"
        "cell shown(x) { node n[2] { from prev; op hidden | conv_bn(K) | other }; out last(n) }\n"
        "cell other = fresh hidden\n",
        encoding="utf-8",
    )
    path = tmp_path / "root.nas"
    path.write_text(
        'use "parts/own.nas" (shown)\n'
        "use vision (conv_bn, sep_conv)\n"
        "param K = 5\n"
        "let kernel = K | 7\n"
        "ops o = [sep_conv(kernel), shown]\n"
        "cell hidden(x) { node n { from x; op one of o }; out n }\n"
        "net n { input image(3, 8, 8); stem conv_bn(1, width = 4)\n"
        "  stage (width = 4) { hidden; fresh shown; shown; fresh hidden } }\n",
        encoding="utf-8",
    )
    text = same(tmp_path, path, samples=40)
    assert "let kernel = 5 | 7" in text
    assert "let own_kernel = 1 | 3" in text
    assert "cell own_hidden(x)" in text
    assert "cell hidden(x)" in text


def test_values_that_would_make_two_alternatives_one_keep_their_names(tmp_path: Path) -> None:
    path = tmp_path / "two.nas"
    path.write_text(
        HEAD + "param K = 1\nparam N = 2\nops o = [conv_bn(1), conv_bn(K)]\n"
        "cell c(x) { node n { from x; op one of o except [conv_bn(1)] }; out n }\n"
        "cell d(x) { node n { from x; op one of o }; out n }\n"
        "net n { input image(3, 8, 8); stage (width = 4) { c; repeat N { fresh d } } }\n",
        encoding="utf-8",
    )
    text = same(tmp_path, path)
    assert "let K = 1" in text
    assert "fresh" not in text
    assert "let K" not in same(tmp_path, path, {"K": 3})


# ---- generated spaces --------------------------------------------------------------------------

OPERATIONS = ["identity", "conv_bn(1)", "conv_bn(K)", "sep_conv(k)", "conv_bn(3 | 5)", "none", "stack", "stack(K)"]


@st.composite
def spaces(draw: Any) -> str:
    """A small valid space: parameters, blocks, cells, copies and nets in any number."""
    pick = lambda *options: draw(st.sampled_from(options))  # noqa: E731
    some = lambda options, most: draw(st.lists(st.sampled_from(options), min_size=1, max_size=most, unique=True))  # noqa: E731
    text = "use vision (conv_bn, identity, sep_conv, none)\n" + f"param K = {pick(1, 3)}\nlet k = 3 | 5\n"
    text += f"block stack(n = {pick('1', 'K')}) {{ {'; '.join(some(OPERATIONS[:5], 3))}; conv_bn(n) }}\n"
    cells: list[str] = []
    for i in range(draw(st.integers(1, 3))):
        ops = ", ".join(some([*OPERATIONS, *cells], 3))
        count, reads = pick("2", "K"), pick("prev", "one of earlier", "all of earlier")
        text += (
            f"cell c{i}(x) {{\n  node n[{count}] {{ from {reads}; op one of [{ops}]; merge add }}\n  out last(n)\n}}\n"
        )
        cells.append(f"c{i}")
        if draw(st.booleans()):
            text += f"cell f{i} = {pick('fresh ', 'fresh ', '')}c{i}({pick('width = 4', 'stride = K // K')})\n"
            cells.append(f"f{i}")
    for net in some(["small", "large"], 2):
        steps = some(
            [*cells, *(f"fresh {c}" for c in cells if c[0] == "c"), "stack", "fresh stack", "conv_bn(k | 1)"], 4
        )
        inner = f"repeat {pick('0', '2', 'K')} {{ {'; '.join(steps)} }}"
        around = pick("{}", "b: {}", "branch add {{ {} }} {{ conv_bn(1, width = 4) }}", "{}; fresh c0")
        text += f"net {net} {{\n  input image(3, 4, 4)\n  stem conv_bn(1, width = 4)\n"
        text += f"  stage (width = 4) {{ conv_bn(1); {around.format(inner)} }}\n}}\n"
    return text


@settings(max_examples=30, deadline=None)
@given(spaces())
def test_generated_spaces(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("printed")
    path = folder / "space.nas"
    path.write_text(text, encoding="utf-8")
    for item in parse(SourceFile("space", text)).items:
        if isinstance(item, tree.Net) and item.name is not None:
            same(folder, path, None, item.name.text, samples=3)
