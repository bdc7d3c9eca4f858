"""The networkx graphs: a genotype's architecture, and a space with its open choices."""

from __future__ import annotations

import networkx as nx

from nasdsl.compiler.network import Network
from nasdsl.compiler.opengraph import space_graph

__all__ = ["architecture", "space_graph"]


def architecture(network: Network) -> nx.MultiDiGraph[int]:
    """The architecture graph: operations are nodes, an edge carries the port of its reader.

    Nodes are the positions in `network.ops`, with attributes op, args, shape, params, macs, path, scopes, live, absent,
    tap (live in training only: second heads, listed in the graph's attribute taps as name, position and weight).
    An edge from an absent operation to the reader that skipped it has port -1 and absent=True. An edge
    that feeds a state has feedback=True: it leads back, to the next element of a sequence.
    """
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(
        name=network.name, inputs=network.inputs, outputs=network.outputs, taps=network.taps,
        feedback=network.feedback,
    )  # fmt: skip
    live, trained = network.live, network.with_taps.live
    for position, op in enumerate(network.ops):
        graph.add_node(
            position, op=op.name, args=dict(op.args), shape=op.shape, params=op.params, macs=op.macs, path=op.path,
            scopes=op.scopes, live=position in live, absent=op.absent, tap=position in trained and position not in live,
        )  # fmt: skip
        for port, source in enumerate(op.inputs):
            graph.add_edge(source, position, port=port, absent=False)
        for source in op.missing:
            graph.add_edge(source, position, port=-1, absent=True)
    for state, out in network.feedback:
        graph.add_edge(out, state, port=0, absent=False, feedback=True)
    return graph
