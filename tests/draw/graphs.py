"""Graphs made by hand, in the attributes `compiler.dag` gives them."""

from __future__ import annotations

from typing import Any

import networkx as nx

from nasdsl.compiler.network import Scope
from nasdsl.ops.primitive import Shape

NET = Scope("net", "search", "search")


class Maker:
    """Adds operations of an architecture graph one by one."""

    def __init__(self, name: str) -> None:
        self.graph: nx.MultiDiGraph = nx.MultiDiGraph(name=name, inputs=(), outputs=())

    def op(self, op: str, reads: list[int], scopes: list[Scope], shape: Shape | None, params: int = 0) -> int:
        node = len(self.graph)
        path = "/".join((*(s.name for s in scopes), op))
        self.graph.add_node(
            node, op=op, args={}, shape=shape, params=params, macs=params * 100, path=path, scopes=tuple(scopes),
            live=shape is not None, absent=shape is None,
        )  # fmt: skip
        for port, source in enumerate(reads):
            absent = bool(self.graph.nodes[source]["absent"])
            self.graph.add_edge(source, node, port=-1 if absent else port, absent=absent)
        return node

    def block(self, label: str, read: int, scopes: list[Scope], name: str, shape: Shape | None) -> int:
        inner = [*scopes, Scope("block", name, label)]
        if self.graph.nodes[read]["absent"]:
            return read
        if label == "none":
            return self.op("none", [read], scopes, None)
        if label.startswith(("identity", "max_pool", "avg_pool")):
            return self.op(label.split("(")[0], [read], inner, shape)
        relu = self.op("relu", [read], inner, shape)
        conv = self.op("conv", [relu], inner, shape, params=900)
        return self.op("batch_norm", [conv], inner, shape, params=64)

    def finish(self, *outputs: tuple[int | None, int]) -> nx.MultiDiGraph:
        self.graph.graph["outputs"] = outputs
        live = {position for _, position in outputs}
        for node in sorted(self.graph, reverse=True):
            if node in live:
                live |= {s for s, _, d in self.graph.in_edges(node, data=True) if not d["absent"]}
        for node, data in self.graph.nodes(data=True):
            data["live"] = node in live and not data["absent"]
        return self.graph


CELL = (
    ((0, "sep_conv(3)"), (1, "identity")),
    ((0, "sep_conv(5)"), (1, "conv_1xn_nx1(7)")),
    ((1, "avg_pool(3)"), (0, "identity")),
    ((1, "avg_pool(3)"), (1, "avg_pool(3)")),
    ((1, "max_pool(3)"), (2, "sep_conv(3)")),
)


def nasnet(repeats: int = 6) -> nx.MultiDiGraph:
    """NASNet-like: cells of two ports and five nodes, used about twenty times."""
    make = Maker("cifar10")
    image = make.op("image", [], [NET], Shape(3, (32, 32)))
    make.graph.graph["inputs"] = (image,)
    window = [make.block("conv_bn(3, width = 96)", image, [NET], "stem[0]", Shape(96, (32, 32)))] * 2
    for stage in range(3):
        scopes = [NET, Scope("stage", f"stage[{stage}]", f"stage {stage + 1}")]
        shape = Shape(32 * 2**stage, (32 >> stage, 32 >> stage), stage)
        names = ["normal"] * repeats if stage == 0 else ["reduce", *["normal"] * repeats]
        for i, name in enumerate(names):
            window = [window[1], _cell(make, [*scopes, Scope("graph", f"[{i}]_{name}", name)], window, shape)]
    head = [NET, Scope("block", "head[0]", "classifier(10)")]
    pooled = make.op("global_avg_pool", [window[1]], head, Shape(128))
    return make.finish((None, make.op("linear", [pooled], head, Shape(10), 1290)))


def _cell(make: Maker, scopes: list[Scope], window: list[int], shape: Shape) -> int:
    values = [
        make.block("relu_conv_bn(1)", source, [*scopes, Scope("align", port, port)], "align", shape)
        for port, source in zip(("prev2", "prev1"), window, strict=True)
    ]
    for n, pair in enumerate(CELL):
        node = [*scopes, Scope("node", f"b[{n}]", f"b[{n}]")]
        reads = [make.block(label, values[at], node, f"op[{j}]", shape) for j, (at, label) in enumerate(pair)]
        values.append(make.op("add" if n != 3 else "concat", reads, node, shape))
    out = Scope("node", "out", "out")
    return make.op("concat", values[3:], [*scopes, out], Shape(shape.width * 4, shape.size, shape.level))


SMALL = ("identity", "sep_conv(3)", "none", "max_pool(3)", "conv(1)", "dw_conv(3)", "avg_pool(3)")


def hierarchical() -> nx.MultiDiGraph:
    """Motifs of motifs: a large one whose edges are small ones, or none."""
    make = Maker("search")
    image = make.op("image", [], [NET], Shape(3, (14, 14)))
    stem = make.block("conv_bn(3, width = 16, stride = 2)", image, [NET], "stem[0]", Shape(16, (7, 7), 1))
    scopes = [NET, Scope("stage", "stage[0]", "stage 1"), Scope("graph", "large", "large")]
    shape = Shape(16, (7, 7), 1)
    values = [stem]
    for n in range(4):
        node = [*scopes, Scope("node", f"n[{n}]", f"n[{n}]")]
        reads = []
        for j, value in enumerate(values):
            pick = (3 * n + 2 * j) % 5
            if pick == 4:
                reads.append(make.block("none", value, node, f"op[{j}]", None))
            else:
                use = Scope("graph", f"op[{j}]_small[{pick}]", f"small[{pick}]")
                reads.append(_small(make, [*node, use], pick, value, shape))
        values.append(_joined(make, node, reads, shape))
    head = [NET, Scope("block", "head[0]", "classifier(10)")]
    return make.finish((None, make.op("linear", [values[-1]], head, Shape(10), 170)))


def _small(make: Maker, scopes: list[Scope], pick: int, read: int, shape: Shape) -> int:
    values = [read]
    for n in range(3):
        node = [*scopes, Scope("node", f"n[{n}]", f"n[{n}]")]
        reads = [
            make.block(SMALL[(pick * 2 + 3 * n + j) % len(SMALL)], v, node, f"op[{j}]", shape)
            for j, v in enumerate(values)
        ]
        values.append(_joined(make, node, reads, shape))
    return values[-1]


def _joined(make: Maker, scopes: list[Scope], reads: list[int], shape: Shape) -> int:
    if all(make.graph.nodes[r]["absent"] for r in reads):
        return reads[0] if len(reads) == 1 else make.op("concat", reads, scopes, None)
    wide = Shape(shape.width * len(reads), shape.size)
    joined = reads[0] if len(reads) == 1 else make.op("concat", reads, scopes, wide)
    return make.block("conv(1)", joined, scopes, "then", shape)


def nasfpn(repeats: int = 3) -> nx.MultiDiGraph:
    """NAS-FPN's found cell: two middle nodes and one for each level, `repeats` times."""
    make = Maker("detector")
    ins = [make.op("feature", [], [NET], Shape(512 << i, (64 >> i, 64 >> i), 3 + i)) for i in range(3)]
    make.graph.graph["inputs"] = tuple(ins)
    stem = [NET, Scope("block", "stem[0]", "pyramid_stem(levels = 3..7, width = 256)")]
    values = {lv: make.op("conv", [ins[min(lv - 3, 2)]], stem, _at(lv), 70) for lv in range(3, 8)}
    plan = (
        ("mid[0]", 4, (6, 4), "global_pool"), ("mid[1]", 4, ("mid[0]", 4), "add"), ("o[0]", 3, ("mid[1]", 3), "add"),
        ("o[1]", 4, ("o[0]", "mid[1]"), "add"), ("o[2]", 7, ("o[1]", 5), "global_pool"),
        ("o[3]", 5, ("o[2]", 5), "add"), ("o[4]", 6, (7, "o[3]"), "global_pool"),
    )  # fmt: skip
    for i in range(repeats):
        scopes = [NET, Scope("stage", "stage[0]", "stage 1"), Scope("graph", f"fpn[{i}]", "fpn")]
        known: dict[Any, int] = dict(values)
        for name, level, reads, merge in plan:
            node = [*scopes, Scope("node", name, name)]
            parts = []
            for read in reads:
                source = known[read]
                if make.graph.nodes[source]["shape"].level != level:
                    align = [*node, Scope("block", "align", "resample")]
                    source = make.op("resample", [source], align, _at(level))
                parts.append(source)
            joined = make.op(merge, parts, node, _at(level))
            known[name] = make.block("relu_conv_bn(3)", joined, node, "then", _at(level))
            if name.startswith("o"):
                values[level] = known[name]
    head = [NET, Scope("block", "head[0]", "pyramid_head(levels = 3..7)")]
    return make.finish(*((lv, make.op("conv", [values[lv]], head, _at(lv), 70)) for lv in sorted(values)))


def _at(level: int) -> Shape:
    return Shape(256, (512 >> level, 512 >> level), level)


OPS = ("identity", "conv_1xn_nx1(3)", "conv_1xn_nx1(7)", "dil_conv(3)", "avg_pool(3)", "max_pool(3)", "max_pool(5)",
       "max_pool(7)", "conv(1)", "conv(3)", "sep_conv(3)", "sep_conv(5)", "sep_conv(7)")  # fmt: skip


def cell_space(nodes: int = 5, ops: tuple[str, ...] = OPS) -> nx.MultiDiGraph:
    """The open NASNet-like cell and its net."""
    graph: nx.MultiDiGraph = nx.MultiDiGraph(name="nasnet", kind="net")
    chain = (
        ("input", "image(3, 32, 32)", ()),
        ("op", "conv_bn(3)", ()),
        ("use", "normal\nrepeat 6", ("stage 1",)),
        ("use", "reduce", ("stage 2",)),
        ("use", "normal\nrepeat 6", ("stage 2",)),
        ("op", "classifier(10)", ()),
    )
    for i, (kind, label, stage) in enumerate(chain):
        clusters = {"cluster": ("net cifar10", *stage), "cluster_kinds": ("net", *("stage",) * len(stage))}
        graph.add_node(f"net.{i}", kind=kind, label=label, alternatives=(), level=None, **clusters)
        if i:
            graph.add_edge(f"net.{i - 1}", f"net.{i}", open=False, port=0)
    for cell in ("normal", "reduce"):
        _open_cell(graph, cell, nodes, ops, {"cluster": (cell,), "cluster_kinds": ("cell",)})
    return graph


def _open_cell(graph: nx.MultiDiGraph, cell: str, nodes: int, ops: tuple[str, ...], place: dict[str, Any]) -> None:
    values = []
    for port in ("prev2", "prev1"):
        graph.add_node(f"{cell}.{port}", kind="port", label=port, alternatives=(), level=None, **place)
        values.append(f"{cell}.{port}")
    for n in range(nodes):
        inside = {"cluster": (cell, f"b[{n}]"), "cluster_kinds": ("cell", "node"), "level": None}
        path = f"{cell}.b[{n}]"
        graph.add_node(f"{path}.merge", kind="choice", label="merge", alternatives=("add", "concat"), **inside)
        for slot in range(2):
            graph.add_node(f"{path}.op[{slot}]", kind="choice", label=f"op[{slot}]", alternatives=ops, **inside)
            graph.add_edge(f"{path}.op[{slot}]", f"{path}.merge", open=False, port=slot)
            for value in values:
                graph.add_edge(value, f"{path}.op[{slot}]", open=True, port=0)
        values.append(f"{path}.merge")
    graph.add_node(f"{cell}.out", kind="merge", label="concat(unused(b))", alternatives=(), level=None, **place)
    for value in values[2:]:
        graph.add_edge(value, f"{cell}.out", open=True, port=0)


def fpn_space() -> nx.MultiDiGraph:
    """The open cell of NAS-FPN: ports and results stand at levels."""
    graph: nx.MultiDiGraph = nx.MultiDiGraph(name="nasfpn", kind="cell")
    place = {"cluster": ("fpn",), "cluster_kinds": ("cell",), "alternatives": ()}
    values = []
    for level in range(3, 8):
        graph.add_node(f"p[{level}]", kind="port", label=f"p[{level}]", level=level, **place)
        values.append(f"p[{level}]")
    for name in ("mid[0]", "mid[1]", *(f"o[{i}]" for i in range(5))):
        inside = {"cluster": ("fpn", name), "cluster_kinds": ("cell", "node"), "level": None}
        graph.add_node(f"{name}.level", kind="choice", label="level", alternatives=tuple("34567"), **inside)
        graph.add_node(f"{name}.merge", kind="choice", label="merge", alternatives=("add", "global_pool"), **inside)
        graph.add_node(f"{name}.then", kind="op", label="relu_conv_bn(3)", alternatives=(), **inside)
        graph.add_edge(f"{name}.merge", f"{name}.then", open=False, port=0)
        graph.add_edge(f"{name}.level", f"{name}.then", open=False, port=0)
        for value in values:
            graph.add_edge(value, f"{name}.merge", open=True, port=0)
        values.append(f"{name}.then")
    for level in range(3, 8):
        graph.add_node(f"out[{level}]", kind="out", label=f"P{level}", level=level, **place)
        for value in values[7:]:
            graph.add_edge(value, f"out[{level}]", open=True, port=0)
    return graph
