"""The networkx graphs: choices are nodes of a space's graph, operations those of a genotype's."""

from __future__ import annotations

from random import Random

import networkx as nx
import pytest

from nasdsl import architecture, draw, load, loads, network, space_graph

SPACES = ["nasnet", "darts", "hierarchical", "nasfpn"]


@pytest.mark.parametrize("name", SPACES)
def test_a_genotypes_graph_is_acyclic_with_shape_and_cost_of_every_value(name: str) -> None:
    made = network(load(name).sample(Random(2)))
    graph = architecture(made)
    assert nx.is_directed_acyclic_graph(graph)
    live = [data for _, data in graph.nodes(data=True) if data["live"]]
    assert all(data["shape"] is not None for data in live)
    assert sum(data["params"] for data in live) == made.params
    assert sum(data["macs"] for data in live) == made.macs
    for node in graph:
        ports = sorted(data["port"] for _, _, data in graph.in_edges(node, data=True) if not data["absent"])
        assert ports == list(range(len(ports)))


def test_a_value_may_be_read_twice_by_one_operation() -> None:
    text = "cell c(x) { node a { from x, x; merge add }\n out a }"
    graph = architecture(network(loads(text)[0]))
    assert graph.number_of_edges(0, 1) == 2
    assert {data["port"] for data in graph.get_edge_data(0, 1).values()} == {0, 1}


@pytest.mark.parametrize("name", SPACES)
def test_a_spaces_graph_shows_every_declared_graph_once_and_its_choices_as_nodes(name: str) -> None:
    space = load(name)
    graph = space_graph(space)
    assert nx.is_directed_acyclic_graph(graph)
    clusters = {data["cluster"][0] for _, data in graph.nodes(data=True)}
    expected = {
        "nasnet": {"net cifar10", "normal", "reduce"},
        "darts": {"net cifar10", "normal", "reduce"},
        "hierarchical": {"net search", "small[6]", "large"},
        "nasfpn": {"net detector", "fpn", "pyramid_stem"},
    }
    assert clusters == expected[name]
    choices = [data for _, data in graph.nodes(data=True) if data["kind"] == "choice"]
    assert choices
    assert any(data["alternatives"] for data in choices)


def test_a_space_whose_reads_are_open_has_open_edges() -> None:
    assert any(data["open"] for _, _, data in space_graph(load("darts")).edges(data=True))
    hierarchical = space_graph(load("hierarchical"))
    assert not any(data["open"] for _, _, data in hierarchical.edges(data=True))


@pytest.mark.parametrize("name", SPACES)
def test_spaces_and_genotypes_are_drawn(name: str) -> None:
    space = load(name)
    assert draw.space(space_graph(space), "svg").startswith(b"<?xml")
    assert draw.genotype(architecture(network(space.sample(Random(0)))), "svg").startswith(b"<?xml")
