"""The drawing of a genotype: its skeleton as a chain, and each distinct cell and motif once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby, takewhile

from nasdsl.draw import levels
from nasdsl.draw.canvas import Box, Canvas, reduced
from nasdsl.draw.collapse import Item, View, graph_views, net_view
from nasdsl.draw.read import Architecture, Operation
from nasdsl.draw.style import Family, family, short, titled

_SIGNS = {"add": "+", "mul": "×", "product": "×"}
_INPUTS = ("image", "feature", "vector", "pyramid", "input")


def draw(architecture: Architecture) -> Canvas:
    """Panels side by side: the net, then every distinct graph in order of first use."""
    counts = f"{short(architecture.params)} parameters, {short(architecture.macs)} multiply-adds"
    canvas = Canvas(architecture.name, counts)
    net = net_view(architecture)
    _skeleton(canvas, canvas.root.box("net", "net", "panel"), net)
    for number, (view, uses) in enumerate(graph_views(architecture)):
        box = canvas.root.box(number, view.label, "panel", f"used {uses} times" if uses > 1 else "")
        if view.levelled:
            _pyramid(canvas, box, view, architecture.operations)
        else:
            _graph(canvas, box, view, architecture)
    return canvas


def _skeleton(canvas: Canvas, box: Box, net: View) -> None:
    """The net as a chain; equal steps in a row become one with its count. Skips along the chain are left out."""
    runs = [
        [i for i, _ in group]
        for _, group in groupby(enumerate(net.items), key=lambda p: (p[1].kind, p[1].label, p[1].holders))
    ]
    where = {i: n for n, run in enumerate(runs) for i in run}
    nodes: list[str] = []
    for run in runs:
        item = net.items[run[-1]]
        inner = _holder(box, item)
        label = item.label if len(run) == 1 else f"{item.label}  ×{len(run)}"
        shown = item if len(run) == 1 else _joined([net.items[i] for i in run])
        nodes.append(_item(canvas, inner, shown, label, with_shape=True))
    pairs = [
        (where[line.source], where[line.target])
        for line in net.lines
        if line.source is not None and where[line.source] < where[line.target]
    ]
    for source, target in reduced(pairs):
        canvas.edge(nodes[source], nodes[target])


def _joined(items: list[Item]) -> Item:
    """Equal steps as one item, which delivers what the last of them does."""
    last = items[-1]
    first = [item.results for item in items] if last.kind == "op" else [last.results]
    members = tuple(op for item in items for op in item.members)
    return replace(last, members=members, results=tuple(op for results in first for op in results))


def _graph(canvas: Canvas, box: Box, view: View, architecture: Architecture) -> None:
    """A cell or motif: ports, nodes as boxes with their operations and merges, and what is delivered."""
    ports = _ports(canvas, box, view, architecture.operations)
    nodes = [_item(canvas, _holder(box, item), item, item.label) for item in view.items]
    for line in view.lines:
        source = ports[line.port] if line.source is None and line.port is not None else nodes[line.source or 0]
        canvas.edge(source, nodes[line.target], faint=_faint_line(view, line.source, line.target, line.absent))
    where = {op.id: i for i, item in enumerate(view.items) for op in item.members}
    for state, fed in architecture.feedback:
        if state in where and fed in where:
            canvas.edge(nodes[where[fed]], nodes[where[state]], {"constraint": "false"}, dashed=True)
    out = _ellipse(canvas, box, "out", "what the graph delivers")
    for i in view.outputs:
        canvas.edge(nodes[i], out, faint=not view.items[i].live)


def _pyramid(canvas: Canvas, box: Box, view: View, operations: Mapping[int, Operation]) -> None:
    """A cell over levels: one node for each of its nodes, levels as ranks; edges never move a node."""
    ports = _ports(canvas, box, view, operations, small=False)
    places = [
        levels.Place(node, shape.level, 0)
        for port, node in ports.items()
        if (shape := operations[port].shape) is not None
    ]
    nodes: list[str] = []
    for column, item in enumerate(view.items, start=1):
        nodes.append(_item(canvas, box, item, item.label, bold=column - 1 in view.outputs))
        places.append(levels.Place(nodes[-1], item.level or 0, column))
    levels.rows(canvas, box, places)
    height = {place.node: place.level for place in places}
    for line in view.lines:
        source = ports[line.port] if line.source is None and line.port is not None else nodes[line.source or 0]
        target, faint = nodes[line.target], _faint_line(view, line.source, line.target, line.absent)
        if height.get(source, 0) < height[target]:  # a line upwards is drawn from its head, so that ranks hold
            canvas.edge(target, source, {"dir": "back"}, faint=faint)
        else:
            canvas.edge(source, target, faint=faint)


def _faint_line(view: View, source: int | None, target: int, absent: bool) -> bool:
    return absent or not view.items[target].live or (source is not None and not view.items[source].live)


def _ports(
    canvas: Canvas, box: Box, view: View, operations: Mapping[int, Operation], small: bool = True
) -> dict[int, str]:
    """The graph's ports as small ellipses, the oldest value first."""
    ports: dict[int, str] = {}
    for number, port in enumerate(view.ports, start=1):
        op = operations[port]
        name = view.names.get(port) or ("in" if len(view.ports) == 1 else f"in {number}")
        if not small and op.shape is not None:
            name = f"P{op.shape.level}"
        ports[port] = _ellipse(canvas, box, name, f"{op.path}\n{op.shape or 'absent'}")
    return ports


def _ellipse(canvas: Canvas, box: Box, name: str, tooltip: str) -> str:
    look = {"shape": "ellipse", "height": "0.24", "margin": "0.06,0.02", "style": "filled"}
    return canvas.shape(box, "port", titled(name, size=10), tooltip, look)


def _holder(box: Box, item: Item) -> Box:
    """The box an item stands in: its stages and nodes, made where they are new."""
    for scope in item.holders:
        if scope.kind == "stage" or (scope.kind == "node" and scope.name != "out"):
            box = box.box(scope.name, scope.label, "stage" if scope.kind == "stage" else "node")
    return box


def _item(canvas: Canvas, box: Box, item: Item, label: str, *, with_shape: bool = False, bold: bool = False) -> str:
    kind, tooltip, faint = _family(item), _tooltip(item), not item.live
    if item.kind == "node":
        merges = [op.name for op in item.members if family(op.name) == "merge"]
        small = " ".join(merges) or ", ".join(_blocks(item))
        more = {"penwidth": "2"} if bold else {}
        return canvas.shape(box, "merge" if merges else family(small), titled(label, small), tooltip, more, faint=faint)
    if item.kind == "op" and kind == "merge":
        return _merge(canvas, box, item, tooltip, faint)
    if kind == "port":
        return _ellipse(canvas, box, _sized(item, label), tooltip)
    small = item.delivers if with_shape else ""
    if kind == "align":
        more = {"height": "0.22", "margin": "0.07,0.03"}
        return canvas.shape(box, kind, titled(label, small, size=9), tooltip, more, faint=faint)
    more = {"width": "1.15"} if with_shape else {}  # leaves a stage's title beside the line into it
    return canvas.shape(box, kind, titled(label, small), tooltip, more, faint=faint)


def _blocks(item: Item) -> list[str]:
    """The blocks of a node, alignments left out, in order."""
    outer = (next((s for s in op.scopes[len(item.key) :] if s.kind == "block"), None) for op in item.members)
    return list(dict.fromkeys(s.label for s in outer if s is not None and s.name != "align"))


def _sized(item: Item, label: str) -> str:
    return f"{label} {item.delivers}".strip()


def _merge(canvas: Canvas, box: Box, item: Item, tooltip: str, faint: bool) -> str:
    sign = _SIGNS.get(item.label)
    if sign is None:
        look = {"shape": "box", "height": "0.22", "margin": "0.08,0.02"}
        return canvas.shape(box, "merge", titled(item.label, size=10), tooltip, look, faint=faint)
    look = {"shape": "circle", "height": "0.26", "width": "0.26", "fixedsize": "true", "margin": "0"}
    return canvas.shape(box, "merge", titled(sign, size=12), tooltip, look, faint=faint)


def _family(item: Item) -> Family:
    if item.kind == "use":
        return "use"
    if item.kind == "align":
        return "align"
    if item.kind == "op" and item.label in _INPUTS:
        return "port"
    return family(item.label, (op.name for op in item.members if op.params or len(item.members) == 1))


def _tooltip(item: Item) -> str:
    """Path, shape and cost, and why an item is greyed."""
    params = sum(op.params for op in item.members)
    macs = sum(op.macs for op in item.members)
    lines = [_common([op.path for op in item.members]), item.label]
    if item.absent:
        lines.append("absent")
    else:
        lines.append(f"delivers {item.delivers}")
        lines.append(f"{params:,} parameters, {macs:,} multiply-adds")
        if any(op.tap for op in item.members):
            lines.append("a second head: off in evaluation")
        elif not item.live:
            lines.append("dead: nothing delivered depends on it")
    if len(item.members) == 1 and item.members[0].args:
        lines.append(", ".join(f"{name} = {value}" for name, value in item.members[0].args))
    return "\n".join(lines)


def _common(paths: list[str]) -> str:
    """The steps that all of the paths start with; a single path as it is."""
    steps = zip(*(path.split("/") for path in paths), strict=False)
    return "/".join(names[0] for names in takewhile(lambda names: len(set(names)) == 1, steps))
