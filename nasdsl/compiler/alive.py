"""Whether a genotype is dead (law 6 of the language), told from its decisions without lowering a network.

A value is there or absent, and widths and resolutions play no part in it, but for what absorbs values of its own level:
where that matters the network is lowered after all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nasdsl.compiler.resolved import resolved
from nasdsl.compiler.resolvedgraph import takes
from nasdsl.compiler.surely import Surely
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype
from nasdsl.space.model import SearchSpace

# Whether one value is there, or for each level of a pyramid.
There = bool | tuple[bool, ...]


class UnsureError(Exception):
    """It takes shapes to tell."""


class Read(NamedTuple):
    """What a node reads, as in `sk.Reads`; `ops` is None where every operation hands on what it gets."""

    path: str | None
    members: tuple[int, ...]
    ops: tuple[sk.Step | None, ...] | None


class Place(NamedTuple):
    """What of a node decides whether its value is there; `then` is None where it always hands on what it gets."""

    within: sk.Within | None
    reads: tuple[Read, ...]
    absorb: sk.Unread | sk.Drawn | tuple[int, ...] | None
    then: sk.Step | None


class Liveness:
    """Which genotypes of a space are dead."""

    def __init__(self, space: SearchSpace) -> None:
        self.skeleton: sk.Skeleton = space.skeleton
        self.surely = Surely(space)
        # Whether no genotype can be dead.
        self.certain = self.surely.root()
        # Whether the blocks that bring values to one resolution or width always hand on what they get.
        steps = [self.skeleton.reduction, *(a.step for g in self.skeleton.graphs.values() for a in g.aligns)]
        self.plain = all(self.surely.passes(step) for step in steps)
        graphs = self.skeleton.graphs.items()
        self.tracked = {key for key, g in graphs if any(isinstance(m, sk.Unread) for m in takes(g))}
        self.places = {key: tuple(map(self.place, graph.nodes)) for key, graph in graphs}

    def place(self, node: sk.Node) -> Place:
        then = node.then if node.then is not None and not self.surely.passes(node.then) else None
        absorb = None if node.absorb == () else node.absorb
        return Place(node.within, tuple(map(self.read, node.reads)), absorb, then)

    def read(self, reads: sk.Reads) -> Read:
        plain = all(op is None or self.surely.passes(op) for op in reads.ops)
        return Read(reads.path, reads.members, None if plain else reads.ops)

    def dead(self, genotype: Genotype) -> bool:
        """NasdslError where it takes shapes to tell, and they do not fit."""
        if self.certain:
            return False
        if self.plain:
            try:
                return not Flow(self, genotype.assignment).alive()
            except UnsureError:
                pass
        return resolved(genotype).dead


@dataclass
class Flow:
    """The values of one genotype that are there."""

    liveness: Liveness
    chosen: Mapping[str, Any]
    # By graph and what of its ports is there: what it delivers. Its decisions are the same in every use.
    known: dict[tuple[str, tuple[bool, ...]], There] = field(default_factory=dict)

    def alive(self) -> bool:
        skeleton = self.liveness.skeleton
        if isinstance(skeleton.root, str):
            graph = skeleton.graphs[skeleton.root]
            return self.whole(self.graph(graph, (True,) * (graph.inputs - sum(port.state for port in graph.ports))))
        source: There = True
        if skeleton.root.input.primitive == "pyramid":
            source = (True,) * len(next(n.value for k, n in skeleton.root.input.args if k == "levels"))  # type: ignore[union-attr,arg-type]
        window: list[There] = []
        for item in skeleton.root.steps:
            if item.role != "tap" and all(self.chosen[w.path] > w.index for w in item.under):
                window.append(self.delivered(item.step, window or [source]))
        return self.whole((window or [source])[-1])

    def whole(self, there: There) -> bool:
        return there if isinstance(there, bool) else all(there)

    def delivered(self, step: sk.Step, window: Sequence[There]) -> There:
        """What a step of the net delivers."""
        while isinstance(step, sk.Switch):
            step = step.alternatives[self.chosen[step.path]]
        if isinstance(step, sk.UseGraph):
            graph = self.liveness.skeleton.graphs[step.graph]
            fed = [window[0]] * (graph.fed - len(window)) + list(window[-graph.fed :])
            flat = [one for there in fed for one in ((there,) if isinstance(there, bool) else there)]
            return self.graph(graph, tuple(flat))
        if not isinstance(window[-1], bool):
            raise UnsureError
        return window[-1] and self.passes(step)

    # ---- steps ----

    def passes(self, step: sk.Step | None) -> bool:
        """Whether a value that is there comes out of a step."""
        if step is None or self.liveness.surely.passes(step):
            return True
        match step:
            case sk.Switch():
                return self.passes(step.alternatives[self.chosen[step.path]])
            case sk.Parallel():
                return any(self.passes(step.alternatives[p]) for p in self.chosen[step.path])
            case sk.Chain():
                return all(map(self.passes, step.steps))
            case sk.Repeat():
                return all(map(self.passes, step.bodies[: self.chosen[step.path]]))
            case sk.Branch():
                return any(map(self.passes, step.chains))
            case sk.Call() | sk.Shortcut():
                return self.passes(step.body)
            case sk.Outer():
                return self.passes(step.step)
            case sk.UseGraph():
                made = self.graph(self.liveness.skeleton.graphs[step.graph], (True,))
                if isinstance(made, bool):
                    return made
                raise UnsureError
        return False

    # ---- graphs ----

    def graph(self, graph: sk.Graph, fed: tuple[bool, ...]) -> There:
        """What a graph delivers of these values."""
        key = (graph.key, fed)
        if key not in self.known:
            self.known[key] = GraphFlow(self, graph, fed).out()
        return self.known[key]


class GraphFlow:
    """The values of one use of a graph that are there, by position."""

    def __init__(self, flow: Flow, graph: sk.Graph, fed: tuple[bool, ...]) -> None:
        self.flow, self.graph, self.chosen = flow, graph, flow.chosen
        self.there = self.ports(fed)
        # The values that were read, and those that may have been absorbed.
        self.taken: set[int] = set()
        self.doubtful: set[int] = set()
        # Only what takes what nobody has read asks who reads what.
        self.tracks = graph.key in flow.liveness.tracked
        for place in flow.liveness.places[graph.key]:
            self.there.append(self.node(place))

    def ports(self, fed: tuple[bool, ...]) -> list[bool]:
        values, given = [], iter(fed)
        try:
            for port in self.graph.ports:
                # The state of a cell is always there.
                values += [True] if port.state else [next(given) for _ in port.levels or (None,)]
        except StopIteration:
            raise UnsureError from None
        return values

    def node(self, place: Place) -> bool:
        if place.within is not None and not self.chosen[place.within.path] > place.within.index:
            return False
        alive = False
        for path, members, ops in place.reads:
            drawn = range(len(members)) if path is None else self.chosen[path]
            if ops is None:
                sources = [members[p] for p in drawn]
                if not alive:
                    for m in sources:
                        if self.there[m]:
                            alive = True
                            break
            else:
                sources = []
                for p, op in zip(drawn, ops, strict=False):
                    if isinstance(op, sk.Parallel) and not self.chosen[op.path]:
                        continue
                    sources.append(members[p])
                    alive = alive or (self.there[members[p]] and self.flow.passes(op))
            if self.tracks:
                self.taken.update(sources)
        if place.absorb is not None:
            alive = self.absorbed(place.absorb, alive)
        return alive and (place.then is None or self.flow.passes(place.then))

    def absorbed(self, absorb: sk.Unread | sk.Drawn | tuple[int, ...], alive: bool) -> bool:
        """Whether a node has a value, with what it absorbs."""
        if isinstance(absorb, sk.Unread):
            # Of these it takes those of its own level.
            left = [m for m in absorb.members if m not in self.taken and self.there[m]]
            if left and not alive:
                raise UnsureError
            self.doubtful.update(left)
            return alive
        members = absorb if isinstance(absorb, tuple) else [absorb.members[p] for p in self.chosen[absorb.path]]
        self.taken.update(members)
        return alive or any(map(self.there.__getitem__, members))

    def out(self) -> There:
        out = self.graph.out
        members: Iterable[int] = out.members.members if isinstance(out.members, sk.Unread) else out.members
        if isinstance(out.members, sk.Unread):
            members = [m for m in members if m not in self.taken]
            if not members and not out.pyramid:
                return False
        if out.pyramid:
            return self.pyramid([self.there[m] for m in members])
        if out.merge is None:
            # The last of an array of open length.
            members = [m for m in members if self.placed(m)][-1:]
        if any(self.there[m] and m not in self.doubtful for m in members):
            return True
        if any(self.there[m] for m in members):
            raise UnsureError
        return False

    def pyramid(self, there: list[bool]) -> There:
        """Which level each stands for is told by the shapes."""
        if not all(there):
            raise UnsureError
        return tuple(there)

    def placed(self, position: int) -> bool:
        """Whether a value is no element beyond the length that was decided."""
        node = self.graph.nodes[position - self.graph.inputs] if position >= self.graph.inputs else None
        return node is None or node.within is None or self.chosen[node.within.path] > node.within.index
