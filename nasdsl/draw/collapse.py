"""A genotype's network folded to what a person reads: one item for a block, a motif's use or a merge.

The items of one *view* (the net, or one use of a cell or motif) are found by the scopes of its operations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from nasdsl.compiler.network import Scope
from nasdsl.draw.read import Architecture, Operation

ItemKind = Literal["op", "block", "align", "use", "node"]
Prefix = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """Operations drawn as one.

    `holders` are the stages and nodes it stands in, from the view inwards; `results` are what others read of it;
    `port` is the name of the port that an alignment belongs to.
    """

    kind: ItemKind
    label: str
    key: Prefix
    members: tuple[Operation, ...]
    holders: tuple[Scope, ...]
    results: tuple[Operation, ...]
    port: str = ""

    @property
    def level(self) -> int | None:
        """The pyramid level of its value."""
        told = [scope.level for op in self.members for scope in op.scopes if scope.level is not None]
        shapes = [op.shape for op in (*self.members, *self.results) if op.shape is not None]
        return told[-1] if told else shapes[-1].level if shapes else None

    @property
    def absent(self) -> bool:
        return all(op.absent for op in self.members)

    @property
    def live(self) -> bool:
        return any(op.live and not op.absent for op in self.members)

    @property
    def delivers(self) -> str:
        """The shape of its value, or the levels of its values; empty where it is absent."""
        shapes = [op.shape for op in self.results or self.members[-1:] if op.shape is not None]
        if len({shape.level for shape in shapes}) > 1:
            levels = [shape.level for shape in shapes]
            return f"P{min(levels)}..P{max(levels)}"
        return str(shapes[-1]) if shapes else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A read between items, or from a port (`source` None, then `port` is the operation outside)."""

    source: int | None
    target: int
    port: int | None
    absent: bool


@dataclass(frozen=True)
class View:
    """The net (`prefix` empty), or one use of a graph: its items in network order and the reads between them."""

    label: str
    prefix: Prefix
    items: tuple[Item, ...]
    lines: tuple[Line, ...]
    outputs: tuple[int, ...]
    levelled: bool  # delivers values at several pyramid levels

    @cached_property
    def ports(self) -> tuple[int, ...]:
        """The operations outside that are read, in network order."""
        return tuple(sorted({line.port for line in self.lines if line.port is not None}))

    @cached_property
    def names(self) -> Mapping[int, str]:
        """What the ports are called, as far as their alignments tell."""
        found: dict[int, list[str]] = {}
        for line in self.lines:
            if line.port is not None and self.items[line.target].port:
                found.setdefault(line.port, []).append(self.items[line.target].port)
        return {port: ", ".join(dict.fromkeys(names)) for port, names in found.items()}

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The labels of all items, alignments too: what tells uses of one structure apart."""
        return tuple(item.label for item in self.items)

    @cached_property
    def structure(self) -> tuple[object, ...]:
        """What two uses of one graph have in common: items and wiring, without alignments and outside shapes."""
        kept = {i: n for n, i in enumerate(i for i, item in enumerate(self.items) if item.kind != "align")}
        sources: dict[int, list[int | None]] = {}
        for line in self.lines:
            sources.setdefault(line.target, []).append(line.source)

        def origins(i: int | None) -> set[int]:
            if i is None:
                return {-1}
            return {kept[i]} if i in kept else set().union(*(origins(s) for s in sources.get(i, ())))

        return tuple(
            (self.items[i].label, tuple(sorted(set().union(*(origins(s) for s in sources.get(i, ())))))) for i in kept
        )


def net_view(architecture: Architecture) -> View:
    """The whole network, its cells and motifs as single items."""
    return _view(architecture, architecture.name, ())


def graph_views(architecture: Architecture) -> list[tuple[View, int]]:
    """One view of each distinct cell and motif, in order of first use, with the number of its uses.

    Uses whose structure differs under one label (a `fresh` copy in a repeat) are views of their own.
    """
    uses: dict[Prefix, str] = {}
    for op in architecture.operations.values():
        names: Prefix = ()
        for scope in op.scopes:
            names = (*names, scope.name)
            if scope.kind == "graph":
                uses.setdefault(names, scope.label)
    groups: dict[str, dict[tuple[object, ...], list[View]]] = {}
    for prefix, label in uses.items():
        view = _view(architecture, label, prefix)
        groups.setdefault(label, {}).setdefault(view.structure, []).append(view)
    return [
        (_typical(views), len(views)) for structures in groups.values() for views in _present(list(structures.values()))
    ]


def _present(groups: list[list[View]]) -> list[list[View]]:
    """Groups with anything live in them, or the first where there is none."""
    return [views for views in groups if any(_live(view) for view in views)] or groups[:1]


def _typical(views: list[View]) -> View:
    """The use that shows most: live, its ports apart, and aligned as most uses are; the first of equals."""
    common = Counter(view.shown for view in views)
    return max(views, key=lambda v: (_live(v) > 0, len(v.ports), common[v.shown], _live(v)))


def _live(view: View) -> int:
    return sum(op.live for item in view.items for op in item.members)


def _view(architecture: Architecture, label: str, prefix: Prefix) -> View:
    depth = len(prefix)
    inside = {
        op.id: op for op in architecture.operations.values() if tuple(s.name for s in op.scopes[:depth]) == prefix
    }
    delivered = {r.source for r in architecture.reads if r.source in inside and r.target not in inside}
    delivered.update(position for _, position in architecture.outputs if position in inside)
    levels = {shape.level for position in delivered if (shape := inside[position].shape) is not None}
    levelled = bool(prefix) and len(levels) > 1
    folds = {op.id: _fold(op, depth, levelled) for op in inside.values()}
    parts = _parts(architecture, {i: fold.key for i, fold in folds.items() if fold.kind == "align"})
    members: dict[tuple[Prefix, int], list[Operation]] = {}
    for op in inside.values():
        members.setdefault((folds[op.id].key, parts.get(op.id, -1)), []).append(op)
    items = _items(architecture, folds, members)
    where = {op.id: i for i, item in enumerate(items) for op in item.members}
    outputs = tuple(sorted({where[position] for position in delivered}))
    return View(label, prefix, items, _lines(architecture, items, where), outputs, levelled)


@dataclass(frozen=True, slots=True)
class _Fold:
    """What an operation is drawn as part of."""

    kind: ItemKind
    label: str
    key: Prefix
    holders: tuple[Scope, ...]
    port: str = ""


def _fold(op: Operation, depth: int, levelled: bool) -> _Fold:
    names = tuple(scope.name for scope in op.scopes)
    for i, scope in enumerate(op.scopes[depth:], start=depth):
        key, holders = names[: i + 1], op.scopes[depth:i]
        if scope.kind == "tap":
            return _Fold("block", scope.label, key, holders)
        if scope.kind == "graph":
            return _Fold("use", scope.label, key, holders)
        if scope.kind == "align":
            block = next((inner.label for inner in op.scopes[i + 1 :] if inner.kind == "block"), op.name)
            return _Fold("align", block, key, holders, scope.label)
        if scope.kind == "block":
            return _Fold("align" if scope.name == "align" else "block", scope.label, key, holders)
        if scope.kind == "node" and levelled:
            return _Fold("node", scope.label, key, holders)
    return _Fold("op", op.name, (*names, f"#{op.id}"), op.scopes[depth:])


def _parts(architecture: Architecture, keys: Mapping[int, Prefix]) -> dict[int, int]:
    """Numbers for operations of alignments: those of one name that are not connected are told apart."""
    part = {op: op for op in keys}

    def root(op: int) -> int:
        while part[op] != op:
            op = part[op]
        return op

    for read in architecture.reads:
        if keys.get(read.source, ()) == keys.get(read.target, ("",)):
            part[root(read.target)] = root(read.source)
    return {op: root(op) for op in keys}


def _items(
    architecture: Architecture,
    folds: Mapping[int, _Fold],
    members: Mapping[tuple[Prefix, int], Sequence[Operation]],
) -> tuple[Item, ...]:
    home = {op.id: key for key, ops in members.items() for op in ops}
    read = {r.source for r in architecture.reads if r.source in home and home[r.source] != home.get(r.target)}
    read.update(position for _, position in architecture.outputs)
    items: list[Item] = []
    for ops in members.values():
        fold = folds[ops[0].id]
        results = tuple(op for op in ops if op.id in read)
        items.append(Item(fold.kind, fold.label, fold.key, tuple(ops), fold.holders, results, fold.port))
    return tuple(items)


def _lines(architecture: Architecture, items: tuple[Item, ...], where: dict[int, int]) -> tuple[Line, ...]:
    lines: list[Line] = []
    seen: set[Line] = set()
    for read in architecture.reads:
        target, source = where.get(read.target), where.get(read.source)
        if target is None or source == target:
            continue
        line = Line(source, target, read.source if source is None else None, read.absent)
        if items[target].kind == "op" or line not in seen:
            lines.append(line)
        seen.add(line)
    return tuple(lines)
