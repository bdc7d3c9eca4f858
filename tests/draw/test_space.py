"""The drawing of a space: choices with their alternatives, dashed lines, ranks."""

from __future__ import annotations

import re
from random import Random

import networkx as nx

from nasdsl import draw
from nasdsl.draw.gather import junctions
from nasdsl.draw.read import Link

from . import graphs  # noqa: TID252 - the tests are no installed package


def test_graphs_and_nodes_are_rounded_boxes_with_titles() -> None:
    dot = draw.space_source(graphs.cell_space())
    for title in ("net cifar10", "cell normal", "cell reduce", "stage 1", "b[4]"):
        assert f">{title}<" in dot or f"<b>{title}</b>" in dot
    assert dot.count('style="rounded,filled"') > 10


def test_choices_list_their_alternatives_and_fold_long_lists() -> None:
    dot = draw.space_source(graphs.cell_space(nodes=1))
    assert dot.count("+5 more") == 4
    assert ">max_pool(7)<" in dot
    assert ">sep_conv(7)<" not in dot
    assert "sep_conv(7)" in dot  # in the tooltip


def test_nine_alternatives_are_not_folded_for_one() -> None:
    dot = draw.space_source(graphs.cell_space(nodes=1, ops=graphs.OPS[:9]))
    assert "more" not in dot.replace("+1 more", "+1 more!")
    assert f">{graphs.OPS[8]}<" in dot


def test_open_reads_are_dashed_and_certain_ones_are_not() -> None:
    graph = nx.MultiDiGraph(name="s", kind="cell")
    for node in "abc":
        graph.add_node(
            node, kind="op", label=node, alternatives=(), level=None, cluster=("f",), cluster_kinds=("cell",)
        )
    graph.add_edge("a", "b", open=True, port=0)
    graph.add_edge("b", "c", open=False, port=0)
    lines = re.findall(r"n\d+ -> n\d+[^\n]*", draw.space_source(graph))
    assert ["dashed" in line for line in lines] == [True, False]


def test_levels_are_ranks() -> None:
    dot = draw.space_source(graphs.fpn_space())
    assert dot.count("rank=same") == 10  # five levels of ports and five of results


def test_junctions_lose_no_line_and_add_none() -> None:
    rng = Random(3)
    for _ in range(200):
        links = list({
            (f"s{rng.randrange(6)}", f"t{rng.randrange(5)}"): None for _ in range(rng.randrange(25))
        })  # fmt: skip
        made, rest = junctions([Link(source, target, True) for source, target in links])
        reach: list[set[str]] = []
        for junction in made:
            inner = reach[junction.within] if junction.within is not None else set()
            assert not inner & set(junction.sources)
            reach.append(inner | set(junction.sources))
            assert reach[-1] == set(junction.everything)
        shown = {(s, t) for j, sources in zip(made, reach, strict=True) for t in j.targets for s in sources}
        assert shown | {(link.source, link.target) for link in rest} == set(links)


def test_an_empty_space_is_drawn() -> None:
    assert draw.space(nx.MultiDiGraph(name="", kind=""), "svg").startswith(b"<?xml")
