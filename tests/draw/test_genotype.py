"""The drawing of a genotype: what is folded, what is boxed, what is greyed."""

from __future__ import annotations

import re

import networkx as nx
import pytest

from nasdsl import draw
from nasdsl.compiler.network import Scope
from nasdsl.draw import collapse, read
from nasdsl.ops.primitive import Shape

from . import graphs  # noqa: TID252 - the tests are no installed package


def titles(dot: str) -> list[str]:
    """The titles of clusters, in order."""
    return re.findall(r"subgraph cluster_\d+ \{[^\n]*\n?[^\n]*label=<<font[^>]*>(?:<b>)?([^<]*)", dot)


def test_each_cell_is_drawn_once_and_the_skeleton_folds_repeats() -> None:
    dot = draw.genotype_source(graphs.nasnet(repeats=6))
    found = titles(dot)
    assert [t for t in found if t in ("net", "normal", "reduce")] == ["net", "normal", "reduce"]
    assert dot.count("normal  ×6") == 3
    assert "used 18 times" in dot
    assert "used 2 times" in dot
    assert [t for t in found if t.startswith("stage")] == ["stage 1", "stage 2", "stage 3"]


def test_blocks_are_one_node_and_nodes_are_boxes() -> None:
    dot = draw.genotype_source(graphs.nasnet(repeats=1))
    assert ">batch_norm<" not in dot
    assert ">relu<" not in dot
    assert titles(dot).count("b[0]") == 2
    assert ">sep_conv(3)<" in dot


def test_ports_have_the_names_of_their_alignments() -> None:
    views = collapse.graph_views(read.architecture(graphs.nasnet()))
    normal, uses = views[0]
    assert (normal.label, uses) == ("normal", 18)
    assert sorted(normal.names.values()) == ["prev1", "prev2"]
    assert [item.label for item in normal.items if item.kind == "align"] == ["relu_conv_bn(1)"] * 2


def test_motifs_of_motifs_refer_to_each_other() -> None:
    architecture = read.architecture(graphs.hierarchical())
    views = {view.label: view for view, _ in collapse.graph_views(architecture)}
    assert list(views) == ["large", "small[0]", "small[3]", "small[1]"]
    assert {item.label for item in views["large"].items if item.kind == "use"} == {"small[0]", "small[1]", "small[3]"}
    assert "small[2]" not in draw.genotype_source(graphs.hierarchical())


def test_absent_parts_are_greyed() -> None:
    dot = draw.genotype_source(graphs.hierarchical())
    greyed = [line for line in dot.splitlines() if ">none<" in line]
    assert greyed
    assert all('style="rounded,filled,dashed"' in line for line in greyed)


def test_dead_parts_say_so() -> None:
    graph = graphs.nasnet(repeats=1)
    for _, data in graph.nodes(data=True):
        data["live"] = data["op"] != "max_pool"
    dot = draw.genotype_source(graph)
    assert "dead: nothing delivered depends on it" in dot


def test_levels_of_a_pyramid_are_ranks() -> None:
    dot = draw.genotype_source(graphs.nasfpn())
    ranks = re.findall(r"\{\s*rank=same((?:\s+n\d+)+)\s*\}", dot)
    assert len(ranks) == 5
    names = dict(re.findall(r"(n\d+) \[label=<<font[^>]*>(?:<b>)?([^<]*)", dot))
    rows = [[names[node] for node in rank.split()] for rank in ranks]
    assert rows == [
        ["P7", "P7", "o[2]"],
        ["P6", "P6", "o[4]"],
        ["P5", "P5", "o[3]"],
        ["P4", "P4", "mid[0]", "mid[1]", "o[1]"],
        ["P3", "P3", "o[0]"],
    ]
    assert "fpn  ×3" in dot


def test_boxes_and_the_order_of_ranks_reach_the_picture() -> None:
    svg = draw.genotype(graphs.nasfpn(), "svg").decode()
    assert svg.count('class="cluster"') == 3
    at = {name: float(x) for x, name in re.findall(r'<text [^>]*x="([-0-9.]+)"[^>]*>([^<]*)</text>', svg)}
    for row in (("P7", "o[2]"), ("P6", "o[4]"), ("P5", "o[3]"), ("P4", "mid[0]", "mid[1]", "o[1]"), ("P3", "o[0]")):
        assert [at[name] for name in row] == sorted(at[name] for name in row)
    assert draw.genotype(graphs.nasnet(1), "svg").count(b'class="cluster"') == 16


def test_alignments_of_two_edges_are_two_nodes() -> None:
    make = graphs.Maker("n")
    shape = Shape(8, (4, 4))
    image = make.op("image", [], [graphs.NET], shape)
    inside = [graphs.NET, Scope("graph", "a_cell", "cell"), Scope("node", "n[0]", "n[0]")]
    both = [make.block("relu_conv_bn(1)", image, inside, "align", shape) for _ in range(2)]
    view, _ = collapse.graph_views(read.architecture(make.finish((None, make.op("add", both, inside, shape)))))[0]
    assert [item.label for item in view.items] == ["relu_conv_bn(1)", "relu_conv_bn(1)", "add"]


def test_copies_of_one_label_that_differ_are_drawn_apart() -> None:
    make = graphs.Maker("n")
    shape = Shape(8, (4, 4))
    value = make.op("image", [], [graphs.NET], shape)
    for i, label in enumerate(("conv(1)", "conv(3)", "conv(1)")):
        inside = [graphs.NET, Scope("graph", f"{i}_cell", "cell"), Scope("node", "n[0]", "n[0]")]
        value = make.block(label, value, inside, "op[0]", shape)
    views = collapse.graph_views(read.architecture(make.finish((None, value))))
    assert [(view.label, uses) for view, uses in views] == [("cell", 2), ("cell", 1)]


@pytest.mark.parametrize("outputs", [(), (0,), ((None, 0),)])
def test_small_and_dead_networks_are_drawn(outputs: tuple[object, ...]) -> None:
    graph = nx.MultiDiGraph(name="tiny", inputs=(0,), outputs=outputs)
    graph.add_node(0, op="image", scopes=(), shape=Shape(3, (4, 4)), path="image")
    assert draw.genotype(graph, "svg").startswith(b"<?xml")
