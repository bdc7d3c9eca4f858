"""The graphs the compiler hands over, read into plain values: the one place that knows their attributes' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nasdsl.compiler.network import Scope
from nasdsl.ops.primitive import Shape

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[Any]

PartKind = Literal["input", "port", "choice", "op", "merge", "use", "out"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a genotype's network. An absent one has no shape; a dead one is not live, and no tap's."""

    id: int
    name: str
    args: tuple[tuple[str, Any], ...]
    path: str
    scopes: tuple[Scope, ...]
    shape: Shape | None
    params: int
    macs: int
    live: bool
    absent: bool
    tap: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """That `target` reads `source` at `port`; an absent read stands where the value is absent."""

    source: int
    target: int
    port: int
    absent: bool


@dataclass(frozen=True)
class Architecture:
    """A genotype's network: its operations by id, its reads in order of target and port, its outputs' ids."""

    name: str
    operations: Mapping[int, Operation]
    reads: tuple[Read, ...]
    inputs: tuple[int, ...]
    outputs: tuple[tuple[int | None, int], ...]
    feedback: tuple[tuple[int, int], ...] = ()

    @property
    def params(self) -> int:
        return sum(op.params for op in self.operations.values() if op.live)

    @property
    def macs(self) -> int:
        return sum(op.macs for op in self.operations.values() if op.live)


@dataclass(frozen=True, slots=True)
class Part:
    """One node of a space's graph. `clusters` are (name, kind) from the outermost to the innermost."""

    id: str
    kind: str
    label: str
    alternatives: tuple[str, ...]
    level: int | None
    clusters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of a space's graph; `open` where only some genotypes have it, `feedback` where it leads to a state."""

    source: str
    target: str
    open: bool
    feedback: bool = False


@dataclass(frozen=True)
class OpenSpace:
    """A space with its open choices; `links` holds each pair of parts once."""

    name: str
    kind: str
    parts: Mapping[str, Part]
    links: tuple[Link, ...]


def architecture(graph: Graph) -> Architecture:
    """Read the graph of `compiler.dag.architecture`."""
    operations = {node: _operation(node, graph.nodes[node]) for node in sorted(graph.nodes)}
    reads = [
        Read(source, target, data.get("port", 0), bool(data.get("absent", False)))
        for source, target, data in graph.edges(data=True)
        if not data.get("feedback")
    ]
    outputs = [output if isinstance(output, tuple) else (None, output) for output in graph.graph.get("outputs", ())]
    return Architecture(
        str(graph.graph.get("name", "")),
        operations,
        tuple(sorted(reads, key=lambda r: (r.target, r.absent, r.port, r.source))),
        tuple(graph.graph.get("inputs", ())),
        tuple(outputs),
        tuple(graph.graph.get("feedback", ())),
    )


def open_space(graph: Graph) -> OpenSpace:
    """Read the graph of `compiler.dag.space_graph`. The order of nodes and edges is the order they were added in."""
    parts = {str(node): _part(str(node), data) for node, data in graph.nodes(data=True)}
    links: dict[tuple[str, str], bool] = {}
    back: set[tuple[str, str]] = set()
    for source, target, data in graph.edges(data=True):
        pair = (str(source), str(target))
        back.update([pair] if data.get("feedback") else [])
        links[pair] = bool(data.get("open", False)) and links.get(pair, True)
    return OpenSpace(
        str(graph.graph.get("name", "")),
        str(graph.graph.get("kind", "")),
        parts,
        tuple(Link(source, target, is_open, (source, target) in back) for (source, target), is_open in links.items()),
    )


def _operation(node: int, data: Mapping[str, Any]) -> Operation:
    args = data.get("args", {})
    shape = data.get("shape")
    return Operation(
        node,
        str(data.get("op", "")),
        tuple(args.items() if isinstance(args, Mapping) else args),
        str(data.get("path", "")),
        tuple(data.get("scopes", ())),
        shape,
        int(data.get("params", 0)),
        int(data.get("macs", 0)),
        bool(data.get("live", True)),
        bool(data.get("absent", shape is None)),
        bool(data.get("tap", False)),
    )


def _part(node: str, data: Mapping[str, Any]) -> Part:
    names = tuple(map(str, data.get("cluster", ())))
    kinds = tuple(map(str, data.get("cluster_kinds", ())))
    return Part(
        node,
        str(data.get("kind", "op")),
        str(data.get("label", node)),
        tuple(map(str, data.get("alternatives", ()))),
        data.get("level"),
        tuple(zip(names, kinds + ("",) * (len(names) - len(kinds)), strict=False)),
    )
