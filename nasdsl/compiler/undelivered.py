"""Nodes whose value no genotype delivers to `out`, and ports that no genotype reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nasdsl.diagnostics import Diagnostic, Label
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.symbols import Symbol, Symbols


def undelivered(file: tree.File, index: Symbols, graphs: Mapping[str, sk.Graph]) -> Iterator[Diagnostic]:
    """W0203 for every node and port of this file that is of no use in any genotype, once for each declaration.

    Of values that only such a node reads the node alone is reported: without it they may be seen anew.
    """
    # The elements of an array and the copies of a graph are alike but for what they decide.
    made: dict[int, list[Flow]] = {}
    for graph in graphs.values():
        if graph.span.source is file.source:
            made.setdefault(graph.span.start, []).append(Flow(graph))
    for local in index.declarations:
        graph_of = local.container
        if graph_of is not None and local.kind in ("port", "node") and not local.name.startswith("_"):
            yield from _reported(local, graph_of, made.get(graph_of.span.start, []))


def _reported(local: Symbol, graph: Symbol, made: Sequence[Flow]) -> Iterator[Diagnostic]:
    if not made:
        return
    flow = made[0]
    places = flow.places(local.name)
    dead = [p for p in places if not any(p in each.alive for each in made)]
    unread = [p for p in dead if not flow.readers[p]]
    if not unread or (local.kind == "port" and len(dead) < len(places)):
        return
    name = local.name
    if local.kind == "port":
        helps = (
            f"delete `{name}` from the header of `{graph.name}`",
            f"or call it `_{name}`, if it is there for its place only",
        )
        message, label = f"no genotype reads port `{name}` of {graph.kind} `{graph.name}`", "never read"
    else:
        whole = len(dead) == len(places)
        shown = [name] if whole else [flow.graph.values[p] for p in dead]
        message = f"no genotype delivers {_listed(shown)} of {graph.kind} `{graph.name}` to `out`"
        touched = any(p in flow.touched for p in unread)
        label = "read through `none` only" if touched else "never read" if whole else "the others are delivered"
        fewer = f"delete `node {name}`" if whole else f"let `node {name}` have fewer elements"
        helps = (fewer, "or let a later node or `out` read it")
    yield Diagnostic(
        "W0203", message, local.span, label, (Label(flow.graph.out.span, "what is delivered"),), helps=helps,
        severity="warning",
    )  # fmt: skip


def _listed(names: list[str]) -> str:
    *most, last = [f"`{n}`" for n in names]
    return f"{', '.join(most)} and {last}" if most else last


class Flow:
    """Who can read what in a graph, and which values can come to its output. Values are known by position.

    Exact where reads are decisions; what `absorb unused` finds at its level is taken as possible, not as certain.
    """

    def __init__(self, graph: sk.Graph) -> None:
        self.graph = graph
        self.alive: set[int] = set()
        # Values that some node names, if only to read them through `none`.
        self.touched: set[int] = set()
        everything = range(len(graph.values))
        # The nodes through which a value can pass on.
        self.readers: list[set[int]] = [set() for _ in everything]
        # The node that reads a value in every genotype, so that it is not among the unused from there on.
        self.claimed: dict[int, int] = {}
        for position, node in enumerate(graph.nodes, graph.inputs):
            self.node(node, position)
        ends = self.ends()
        for p in reversed(everything):
            if p in ends or self.readers[p] & self.alive:
                self.alive.add(p)

    def node(self, node: sk.Node, position: int) -> None:
        for reads in node.reads:
            for j, member in enumerate(reads.members):
                self.touched.add(member)
                ops = reads.ops if reads.path is not None else reads.ops[j : j + 1]
                if any(op is None or _passes(op) for op in ops):
                    self.readers[member].add(position)
                if reads.path is None and node.within is None:
                    self.claimed.setdefault(member, position)
        absorbed = node.absorb if isinstance(node.absorb, tuple) else node.absorb.members
        for member in absorbed:
            if not isinstance(node.absorb, sk.Unread) or member not in self.claimed:
                self.readers[member].add(position)

    def ends(self) -> set[int]:
        members = self.graph.out.members
        if isinstance(members, tuple):
            return set(members)
        unread = isinstance(members, sk.Unread)
        return {m for m in members.members if not unread or m not in self.claimed}

    def places(self, name: str) -> list[int]:
        """The positions of a declared name: itself, or its elements."""
        return [i for i, value in enumerate(self.graph.values) if value.partition("[")[0] == name]


def _passes(step: sk.Step) -> bool:
    """Whether some choice lets a value through: `none` never does."""
    match step:
        case sk.Apply():
            return step.primitive != "none"
        case sk.Call():
            return _passes(step.body)
        case sk.Switch() | sk.Parallel():
            return any(map(_passes, step.alternatives))
        case sk.Chain():
            return all(map(_passes, step.steps))
    return True
