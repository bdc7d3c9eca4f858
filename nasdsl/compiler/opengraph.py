"""A space as one networkx graph whose open choices are nodes; each declared graph stands in it once."""

from __future__ import annotations

import re
from dataclasses import dataclass

import networkx as nx

from nasdsl.compiler.check import every_decision
from nasdsl.compiler.nodes import edges
from nasdsl.ops.registry import get
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Subset
from nasdsl.space.group import Decision
from nasdsl.space.labels import number_label
from nasdsl.space.model import SearchSpace

MODES = {"set": "", "repeats": " with repeats", "order": " in order"}
ELEMENT = re.compile(r"^(.*)\[(\d+)\]$")


def space_graph(space: SearchSpace) -> nx.MultiDiGraph[str]:
    """The graph of a space. Nodes are strings, in clusters for graphs, nodes, nets and stages.

    Attributes: kind (input, port, choice, op, merge, use, tap, out), label, alternatives (of a choice), level, cluster
    and cluster_kinds (outermost first). An edge has open (only some genotypes have it) and port; from a graph's out to
    its state it has feedback.
    """
    skeleton = space.skeleton
    assert isinstance(skeleton, sk.Skeleton)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=space.name, kind="space")
    drawing = Drawing(graph, {d.path: d for d in every_decision(space)}, required(skeleton.requires))
    if isinstance(skeleton.root, sk.Net):
        drawing.net(skeleton.root)
    arrays: dict[str, list[str]] = {}
    for key in skeleton.graphs:
        found = ELEMENT.match(key)
        arrays.setdefault(found[1] if found else key, []).append(key)
    for name, keys in arrays.items():
        title = f"{name}[{len(keys)}]" if ELEMENT.match(keys[0]) else name
        drawing.template(skeleton.graphs[keys[0]], title)
    return graph


@dataclass
class Drawing:
    """The graph while it is filled."""

    graph: nx.MultiDiGraph[str]
    decisions: dict[str, Decision]
    # The constraints of the whole space.
    rules: str = ""

    def add(
        self, name: str, kind: str, label: str, cluster: tuple[str, ...], kinds: tuple[str, ...],
        alternatives: tuple[str, ...] = (), level: int | None = None,
    ) -> str:  # fmt: skip
        self.graph.add_node(
            name, kind=kind, label=label, alternatives=alternatives, level=level, cluster=cluster, cluster_kinds=kinds
        )
        return name

    def edge(self, source: str, target: str, *, is_open: bool = False) -> None:
        self.graph.add_edge(source, target, open=is_open, port=self.graph.in_degree(target))

    # ---- the net ----

    def net(self, net: sk.Net) -> None:
        outer, kinds = (f"net {net.name}",), ("net",)
        before = self.add("input", "input", self.label(net.input) + self.rules, outer, kinds)
        runs: list[tuple[sk.NetStep, int]] = []
        for item in net.steps:
            if runs and self.same(runs[-1][0], item):
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((item, 1))
        for item, times in runs:
            stage = item.stage.replace("[", " ").rstrip("]") if item.stage else None
            if stage and item.width is not None:
                stage += f" · width {number_label(item.width)}"
            cluster, inner = ((*outer, stage), (*kinds, "stage")) if stage else (outer, kinds)
            label = self.label(item.step) + (f" ×{times}" if times > 1 else "")
            if item.under:
                label += "\nin deeper nets only"
            if isinstance(item.step, sk.Tap):
                # A side branch: what follows reads what it reads.
                self.edge(before, self.add(item.path, "tap", label, cluster, inner))
                continue
            if isinstance(item.stride, sk.Const) and item.stride.value != 1:
                label += f"\nstride {item.stride.value}"
            kind = "use" if isinstance(item.step, sk.UseGraph) else "op"
            alternatives: tuple[str, ...] = ()
            if isinstance(item.step, sk.Switch):
                kind, label, alternatives = "choice", "one of", self.decisions[item.step.path].options
            name = self.add(item.path, kind, label, cluster, inner, alternatives)
            self.edge(before, name)
            before = name

    def same(self, one: sk.NetStep, other: sk.NetStep) -> bool:
        return (
            isinstance(one.step, sk.UseGraph)
            and (one.step, one.stage, one.width, one.role) == (other.step, other.stage, other.width, other.role)
            and bool(one.under) == bool(other.under)
            and other.stride == sk.Const(1)
            and one.stride == sk.Const(1)
        )

    # ---- a cell or motif ----

    def template(self, graph: sk.Graph, title: str) -> None:
        outer, kinds = (title,), (str(graph.kind),)
        names: list[str] = []
        for i, value in enumerate(graph.values[: graph.inputs]):
            names.append(self.add(f"{graph.key}/{value}", "port", value, outer, kinds, level=port_level(graph, i)))
        for node in graph.nodes:
            names.append(self.node(graph, node, names, outer, kinds))
        level = None
        out = self.add(f"{graph.key}/out", "out", self.out_label(graph), outer, kinds, level=level)
        members = graph.out.members
        for m in members.members if isinstance(members, sk.Unread) else members:
            self.edge(names[m], out, is_open=isinstance(members, sk.Unread))
        for port in graph.ports:
            if port.state:
                self.graph.add_edge(out, f"{graph.key}/{port.name}", open=False, port=0, feedback=True)

    def out_label(self, graph: sk.Graph) -> str:
        out = graph.out
        label = "out" if out.merge is None else f"out {self.label(out.merge)}"
        label += " unused" if isinstance(out.members, sk.Unread) else " by level" if out.pyramid else ""
        return label + required(graph.requires)

    def node(
        self, graph: sk.Graph, node: sk.Node, names: list[str], outer: tuple[str, ...], kinds: tuple[str, ...]
    ) -> str:
        """One node: what it reads, through which operations, how they join; returns the name of its last part."""
        cluster, inner = (*outer, node.name), (*kinds, "node")
        base = f"{graph.key}/{node.name}"
        level = node.level.value if isinstance(node.level, sk.Const) and isinstance(node.level.value, int) else None
        reading: list[tuple[str, bool]] = []
        slots = sum(edges(op) for reads in node.reads for op in reads.ops)
        for i, reads in enumerate(node.reads):
            reading += self.reads(f"{base}/from{i}", node, reads, names, cluster, inner, level)
        tail: str | None = None
        notes = self.notes(node)
        if node.merge is not None and slots > 1:
            tail = self.part(f"{base}/merge", node.merge, cluster, inner, level, "merge", notes)
            for source, is_open in reading:
                self.edge(source, tail, is_open=is_open)
        if node.then is not None:
            then = self.part(f"{base}/then", node.then, cluster, inner, level, "op", "" if tail else notes)
            for source, is_open in [(tail, False)] if tail else reading:
                self.edge(source, then, is_open=is_open)
            tail = then
        if tail is None:
            tail = self.add(f"{base}/value", "merge", node.name + notes, cluster, inner, level=level)
            for source, is_open in reading:
                self.edge(source, tail, is_open=is_open)
        return tail

    def notes(self, node: sk.Node) -> str:
        notes = ""
        if node.level is not None:
            notes += f"\nlevel {number_label(node.level)}"
        if isinstance(node.absorb, sk.Unread):
            notes += "\nabsorb unused"
        elif isinstance(node.absorb, sk.Drawn):
            decision = self.decisions[node.absorb.path]
            assert isinstance(decision, Subset)
            notes += f"\nabsorb {drawn_label(decision)}"
        if node.within is not None:
            notes += "\nin longer arrays only"
        notes += required(node.requires)
        return notes

    def reads(
        self, base: str, node: sk.Node, reads: sk.Reads, names: list[str], cluster: tuple[str, ...],
        kinds: tuple[str, ...], level: int | None,
    ) -> list[tuple[str, bool]]:  # fmt: skip
        """The names of what a group of reads delivers to the merge, and whether only some genotypes have the edge."""
        if reads.path is not None:
            decision = self.decisions[reads.path]
            assert isinstance(decision, Subset)
            label = drawn_label(decision)
            first = reads.ops[0]
            alternatives: tuple[str, ...] = ()
            if isinstance(first, sk.Switch | sk.Parallel):
                word = "one of" if isinstance(first, sk.Switch) else "some of"
                label += f"\neach through {word}" if decision.most > 1 else f"\nthrough {word}"
                alternatives = self.decisions[first.path].options
            elif first is not None:
                label += f"\nthrough {self.label(first)}"
            choice = self.add(base, "choice", label, cluster, kinds, alternatives, level)
            for m in reads.members:
                self.edge(names[m], choice, is_open=True)
            return [(choice, False)]
        found: list[tuple[str, bool]] = []
        for j, (member, op) in enumerate(zip(reads.members, reads.ops, strict=True)):
            if op is None:
                found.append((names[member], False))
                continue
            part = self.part(f"{base}/{j}", op, cluster, kinds, level, "op", "")
            self.edge(names[member], part)
            found.append((part, False))
        return found

    def part(
        self, name: str, step: sk.Step, cluster: tuple[str, ...], kinds: tuple[str, ...], level: int | None, kind: str,
        notes: str,
    ) -> str:  # fmt: skip
        if isinstance(step, sk.Switch | sk.Parallel):
            options = self.decisions[step.path].options
            word = "one of" if isinstance(step, sk.Switch) else "some of"
            return self.add(name, "choice", word + notes, cluster, kinds, options, level)
        return self.add(name, kind, self.label(step) + notes, cluster, kinds, level=level)

    def label(self, step: sk.Step) -> str:
        match step:
            case sk.Apply():
                first = (
                    next((p.name for p in get(step.primitive).parameters), "") if step.primitive != "pyramid" else ""
                )
                plain = {first} if step.primitive != "image" else {name for name, _ in step.args}
                shown = ", ".join(
                    number_label(n) if name in plain else f"{name} = {number_label(n)}" for name, n in step.args
                )
                return f"{step.primitive}({shown})" if shown else step.primitive
            case sk.Call():
                numbers = (
                    number_label(n) if name is None else f"{name} = {number_label(n)}"
                    for (_, n), name in zip(step.args, step.shown, strict=False)
                )
                shown = ", ".join((*(text for text, _ in step.given), *numbers))
                return f"{step.block}({shown})" if shown else step.block
            case sk.UseGraph():
                return step.graph
            case sk.Switch():
                return " | ".join(self.decisions[step.path].options)
            case sk.Parallel():
                return f"some of [{', '.join(self.decisions[step.path].options)}]"
            case sk.Repeat():
                return f"repeat {self.decisions[step.path].pattern} {{ {self.label(step.bodies[0])} }}"
            case sk.Chain():
                return "; ".join(map(self.label, step.steps))
            case sk.Branch():
                return f"branch {self.label(step.merge)}"
            case sk.Outer():
                return self.label(step.step)
            case sk.Tap():
                return f"{self.label(step.step)}\ntap {step.name}"
            case sk.Shortcut():
                return f"shortcut {self.label(step.body)}"


def drawn_label(decision: Subset) -> str:
    """`pick 2 of 5 in order`, `some of 5`."""
    n = len(decision.members)
    if (decision.least, decision.most, decision.mode) == (0, n, "set"):
        return f"some of {n}"
    counts = f"{decision.least}" if decision.least == decision.most else f"{decision.least}..{decision.most}"
    return f"pick {counts} of {n}{MODES[decision.mode]}"


def port_level(graph: sk.Graph, position: int) -> int | None:
    levels = [level for port in graph.ports for level in (port.levels or (None,))]
    return levels[position]


def required(tests: tuple[sk.Test, ...]) -> str:
    """Constraints, each on a line of its own."""
    return "".join(f"\nrequire {' '.join(test.span.text.split())}" for test in tests)
