"""What is there in every genotype of a space, as far as that can be told at once: when in doubt it may be absent.

Genotypes that break a constraint of a node are left out: `require edges >= 1` says that the node has a value.
"""

from __future__ import annotations

from nasdsl.compiler.check import every_decision
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision
from nasdsl.space.model import SearchSpace


class Surely:
    """Steps that hand on what they get, and graphs that deliver, whatever is decided."""

    def __init__(self, space: SearchSpace) -> None:
        self.skeleton: sk.Skeleton = space.skeleton
        self.decisions: dict[str, Decision] = {d.path: d for d in every_decision(space)}
        # By the identity of a step, and the key of a graph.
        self.steps: dict[int, bool] = {}
        self.graphs: dict[str, bool] = {}

    def root(self) -> bool:
        """Whether no genotype is dead."""
        root = self.skeleton.root
        if isinstance(root, str):
            return self.delivers(root)
        return all(self.passes(item.step) for item in root.steps if item.role != "tap")

    # ---- steps ----

    def passes(self, step: sk.Step) -> bool:
        """Whether a step hands on every value that it gets."""
        found = self.steps.get(id(step))
        if found is None:
            found = self.steps[id(step)] = self._passes(step)
        return found

    def _passes(self, step: sk.Step) -> bool:
        match step:
            case sk.Apply():
                return step.primitive != "none"
            case sk.Switch():
                return all(self.passes(step.alternatives[i]) for i in self.choices(step))
            case sk.Parallel():
                return self.least(step.path, 0) > 0 and all(map(self.passes, step.alternatives))
            case sk.Chain():
                return all(map(self.passes, step.steps))
            case sk.Repeat():
                return all(map(self.passes, step.bodies))
            case sk.Branch():
                return any(map(self.passes, step.chains))
            case sk.Call() | sk.Shortcut():
                return self.passes(step.body)
            case sk.UseGraph():
                return self.delivers(step.graph)
        return self.passes(step.step)

    def choices(self, step: sk.Switch) -> tuple[int, ...] | range:
        """The alternatives that are left of a choice."""
        allowed = self.decisions[step.path].allowed
        return range(len(step.alternatives)) if allowed is None else allowed

    def least(self, path: str, least: int) -> int:
        """How many members of a set are drawn at least; `least` of one that was not narrowed."""
        d = self.decisions[path]
        return min(map(len, d.allowed), default=0) if d.allowed is not None else getattr(d, "least", least)

    # ---- graphs ----

    def delivers(self, key: str) -> bool:
        """Whether a graph delivers all its values where all that it gets is there."""
        if key not in self.graphs:
            self.graphs[key] = self._delivers(self.skeleton.graphs[key])
        return self.graphs[key]

    def _delivers(self, graph: sk.Graph) -> bool:
        alive = [True] * graph.inputs
        readable: set[int] = set()
        for node in graph.nodes:
            alive.append(self.node(graph, node, alive))
            readable |= _readable(node)
        members = graph.out.members
        if isinstance(members, sk.Unread):
            return any(alive[m] and _within(graph, m) is None and m not in readable for m in members.members)
        there = [m for m in members if _within(graph, m) is None]
        if graph.out.pyramid:
            return len(there) == len(members) and all(alive[m] for m in members)
        if graph.out.merge is None:
            return bool(there) and all(alive[m] for m in members)
        return any(alive[m] for m in there)

    def node(self, graph: sk.Graph, node: sk.Node, alive: list[bool]) -> bool:
        """Whether a node has a value wherever it is there itself."""
        if node.then is not None and not self.passes(node.then):
            return False

        def sure(member: int) -> bool:
            return alive[member] and _implied(_within(graph, member), node.within)

        if has_an_edge(node) and self.open(node) and all(map(sure, _readable(node))):
            return True
        for reads in node.reads:
            passing = [op is None or self.passes(op) for op in reads.ops]
            if reads.path is None:
                if any(ok and sure(m) for ok, m in zip(passing, reads.members, strict=False)):
                    return True
            elif any(passing[: self.least(reads.path, reads.least)]) and all(map(sure, reads.members)):
                return True
        if isinstance(node.absorb, sk.Drawn):
            return self.least(node.absorb.path, node.absorb.least) > 0 and all(map(sure, node.absorb.members))
        return isinstance(node.absorb, tuple) and any(map(sure, node.absorb))

    def open(self, node: sk.Node) -> bool:
        """Whether every edge that a node can have hands on what it reads."""
        ops = [op for reads in node.reads for op in reads.ops if op is not None]
        edges = [a for op in ops for a in (op.alternatives if isinstance(op, sk.Parallel) else (op,))]
        return all(map(self.passes, edges)) and not isinstance(node.absorb, sk.Unread)


def has_an_edge(node: sk.Node) -> bool:
    """Whether a constraint of its own asks for an edge at least."""
    for test in node.requires:
        match test:
            case sk.Test(op=">=" | "==", left=sk.Measure(name="edges"), right=sk.Const(value=int(count))) if count >= 1:
                return True
            case sk.Test(op=">", left=sk.Measure(name="edges"), right=sk.Const(value=int(count))) if count >= 0:
                return True
    return False


def _within(graph: sk.Graph, position: int) -> sk.Within | None:
    return graph.nodes[position - graph.inputs].within if position >= graph.inputs else None


def _implied(within: sk.Within | None, given: sk.Within | None) -> bool:
    """Whether a part is there wherever another is: the earlier elements of one array."""
    return within is None or (given is not None and within.path == given.path and within.index <= given.index)


def _readable(node: sk.Node) -> set[int]:
    """All that a node may read or absorb."""
    absorb = node.absorb if isinstance(node.absorb, tuple) else node.absorb.members
    return {m for reads in node.reads for m in reads.members}.union(absorb)
