"""Dot source from boxes in boxes. Every id is made here from a counter, so no name of a user ever is one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

from nasdsl.draw.style import EDGE, FAINT, FONT, GREY, PALE, PALETTE, Family, plain, titled

if TYPE_CHECKING:
    import graphviz

Look = Mapping[str, str]

_GRAPH = {
    "fontname": FONT,
    "bgcolor": "white",
    "pad": "0.35",
    "nodesep": "0.18",
    "ranksep": "0.32",
    "labelloc": "t",
    "labeljust": "l",
    "fontcolor": "#111827",
    "outputorder": "edgesfirst",
}
_NODE = {
    "fontname": FONT,
    "fontsize": "11",
    "shape": "box",
    "style": "rounded,filled",
    "height": "0.3",
    "width": "0.3",
    "margin": "0.11,0.055",
    "penwidth": "1.1",
}
_EDGE = {"color": EDGE, "arrowsize": "0.55", "penwidth": "0.95"}
_BOXES = {
    "panel": {"fillcolor": "#f8fafc", "color": "#b8c2d0", "penwidth": "1.2", "margin": "12"},
    "node": {"fillcolor": "#ffffff", "color": "#dbe2ea", "penwidth": "1", "margin": "7"},
    "stage": {"fillcolor": "#ffffff", "color": "#cdd6e1", "penwidth": "1", "margin": "9"},
}


@dataclass
class Box:
    """A cluster: its nodes, and its boxes by a key that is unique among them."""

    title: str = ""
    look: str = "panel"
    small: str = ""
    nodes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    boxes: dict[Hashable, Box] = field(default_factory=dict)
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def row(self, nodes: Iterable[str]) -> None:
        """Put nodes of this very box on one rank. Nodes of other boxes would be torn out of them."""
        self.rows.append(tuple(nodes))

    def box(self, key: Hashable, title: str, look: str, small: str = "") -> Box:
        """The box of that key inside this one, made when it is asked for first."""
        return self.boxes.setdefault(key, Box(title, look, small))


class Canvas:
    """A drawing under way. Nodes and edges are written in the order they were added in."""

    def __init__(self, title: str, small: str = "") -> None:
        self.title, self.small = title, small
        self.root = Box()
        self._edges: list[tuple[str, str, dict[str, str]]] = []
        self._count = 0
        self.in_order = False  # keep the order given by `order` within ranks

    def node(self, box: Box, **attributes: str) -> str:
        """Add a node and return its id. Values are labels of `style.titled` or texts of `style.plain`."""
        self._count += 1
        box.nodes.append((f"n{self._count}", attributes))
        return f"n{self._count}"

    def shape(
        self,
        box: Box,
        kind: Family,
        label: str,
        tooltip: str,
        look: Look = MappingProxyType({}),
        *,
        faint: bool = False,
    ) -> str:
        """Add a node in the colours of its family, or greyed."""
        paint = PALE if faint else PALETTE[kind]
        colours = {"fillcolor": paint.fill, "color": paint.line, "fontcolor": paint.text}
        if faint:
            colours["style"] = "rounded,filled,dashed"
        return self.node(box, label=label, tooltip=plain(tooltip or " "), **{**colours, **look})

    def edge(
        self, source: str, target: str, look: Look = MappingProxyType({}), *, faint: bool = False, dashed: bool = False
    ) -> None:
        line = {"color": FAINT, "style": "dashed"} if faint else {"style": "dashed", "color": GREY} if dashed else {}
        self._edges.append((source, target, {**line, **look}))

    def order(self, source: str, target: str, **more: str) -> None:
        """Place `target` after `source` without a line between them."""
        self._edges.append((source, target, {"style": "invis", **more}))

    def source(self) -> str:
        """The dot text."""
        import graphviz

        columns = max(2, ceil(sqrt(len(self.root.boxes) * 1.6)))
        graph = graphviz.Digraph(graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
        graph.attr(pack="26", packmode=f"array_ut{columns}", tooltip=plain(self.title or " "))
        if self.in_order:  # a second pass over the whole graph would lose the order of ranks inside clusters
            graph.attr(remincross="false")
        if self.title:
            graph.attr(label=titled(self.title, self.small, bold=True, left=True, size=15))
        self._fill(graph, self.root, [0])
        for source, target, attributes in self._edges:
            graph.edge(source, target, **attributes)
        return str(graph.source)

    def _fill(self, graph: graphviz.Digraph, box: Box, count: list[int], top: bool = True) -> None:
        for node, attributes in box.nodes:
            graph.node(node, **attributes)
        for row in box.rows:
            with graph.subgraph() as same:
                same.attr(rank="same")
                for node in row:
                    same.node(node)
        for place, inner in enumerate(box.boxes.values()):
            count[0] += 1
            with graph.subgraph(name=f"cluster_{count[0]}") as sub:
                sub.attr(**_frame(inner), **({"sortv": str(place + 1)} if top else {}))
                self._fill(sub, inner, count, top=False)


def _frame(box: Box) -> dict[str, str]:
    """The attributes of a box's cluster."""
    loud = box.look == "panel"
    more = {"labelloc": "b"} if box.look == "node" else {}  # lines come in from above, all over the box
    label = titled(
        box.title, box.small, bold=loud, left=True, color="#1f2937" if loud else GREY, size=13 if loud else 9
    )
    return {**_BOXES[box.look], "style": "rounded,filled", "label": label, "tooltip": plain(box.title or " "), **more}


def reduced(edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges of an acyclic graph (each from a smaller to a larger number) that no longer path stands for."""
    after: dict[int, set[int]] = {}
    for source, target in edges:
        after.setdefault(source, set()).add(target)
    reach: dict[int, set[int]] = {}
    for source in sorted(after, reverse=True):
        reach[source] = after[source].union(*(reach.get(t, set()) for t in after[source]))
    return sorted(
        (source, target)
        for source, targets in after.items()
        for target in targets
        if not any(target in reach.get(other, ()) for other in targets if other != target)
    )
