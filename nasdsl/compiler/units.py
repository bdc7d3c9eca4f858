"""What becomes a module of its own: the network, and in it every use of a cell or motif."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx

from nasdsl.compiler.network import Scope
from nasdsl.diagnostics import InternalError

Graph = nx.MultiDiGraph  # of the positions of operations
Key = tuple[str, ...]


@dataclass(eq=False)
class Unit:
    """A network, or one use of a cell or motif: operations and inner uses, in the order in which they run.

    `scopes` are those that its own operations stand in, from the outside in. `results` are the operations that deliver
    what is read outside.
    """

    scopes: tuple[Scope, ...]
    items: list[int | Unit] = field(default_factory=list)
    results: list[int] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """Which use it is."""
        return tuple(scope.name for scope in self.scopes)

    @property
    def scope(self) -> Scope | None:
        """The use it is; None for the network."""
        return self.scopes[-1] if self.scopes else None

    @cached_property
    def members(self) -> frozenset[int]:
        """Every operation in it, those of inner uses too."""
        return frozenset(number for item in self.items for number in members(item))

    @property
    def first(self) -> int:
        """The first operation in it."""
        return min(self.members)


def members(item: int | Unit) -> Iterable[int]:
    return (item,) if isinstance(item, int) else item.members


def divided(graph: Graph[int], numbers: Iterable[int], delivered: Iterable[int]) -> Unit:
    """The network of the operations `numbers`, in this order, taken apart into its uses of graphs.

    `delivered` are its results. A use reads and is read as one: its operations stand together.
    """
    root = Unit(())
    open_units: list[tuple[tuple[str, ...], Unit]] = [((), root)]
    seen: set[tuple[str, ...]] = set()
    order: list[int] = []
    for number in numbers:
        order.append(number)
        scopes = graph.nodes[number]["scopes"]
        prefixes = [scopes[: i + 1] for i, scope in enumerate(scopes) if scope.kind == "graph"]
        names = [tuple(scope.name for scope in prefix) for prefix in prefixes]
        while open_units[-1][0] and open_units[-1][0] not in names:
            open_units.pop()
        for prefix, name in zip(prefixes[len(open_units) - 1 :], names[len(open_units) - 1 :], strict=True):
            if name in seen:
                raise InternalError(f"the operations of {'.'.join(name)} do not stand together")
            seen.add(name)
            unit = Unit(prefix)
            open_units[-1][1].items.append(unit)
            open_units.append((name, unit))
        open_units[-1][1].items.append(number)
    ends, included = set(delivered), set(order)
    read = {number: readers(graph, number) & included for number in order}
    for unit in every(root):
        inner = unit.members
        unit.results = [n for n in sorted(inner) if n in ends or not read[n] <= inner]
    return root


def every(unit: Unit) -> Iterator[Unit]:
    """A unit, and every one inside it."""
    yield unit
    for item in unit.items:
        if isinstance(item, Unit):
            yield from every(item)


def sources(graph: Graph[int], number: int) -> list[int]:
    """What an operation reads, in the order of its ports; neither the absent nor what a state is fed."""
    read = [
        (edge["port"], source)
        for source, edges in graph.pred[number].items()
        for edge in edges.values()
        if edge["port"] >= 0 and not edge.get("feedback")
    ]
    return [source for _, source in sorted(read)]


def readers(graph: Graph[int], number: int) -> set[int]:
    """What reads an operation; not the state that it feeds."""
    return {
        reader
        for reader, edges in graph.succ[number].items()
        if any(edge["port"] >= 0 and not edge.get("feedback") for edge in edges.values())
    }


def given(graph: Graph[int], unit: Unit) -> list[tuple[str, int]]:
    """What a unit reads from outside, by its ports: the name of a port and the position of the value.

    A value that two ports are given is read through the first.
    """
    inner = unit.members
    read = dict.fromkeys(source for number in sorted(inner) for source in sources(graph, number) if source not in inner)
    found: dict[int, str] = {}
    for name, position in unit.scope.ports if unit.scope else ():
        if position in read:
            found.setdefault(position, name)
    return [(name, position) for position, name in found.items()] + [
        ("x", position) for position in read if position not in found
    ]
