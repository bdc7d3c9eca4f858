"""A genotype as a space of its own: the text of a file in which everything is decided as in the genotype.

What was chosen among stands no more: a depth is as many steps, an array its elements, and a block whose uses were
decided differently is as many blocks. Names stay where they can, so that another file can import a cell that was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from nasdsl.compiler.load import loads
from nasdsl.compiler.lower import network
from nasdsl.compiler.network import Network
from nasdsl.diagnostics import InternalError
from nasdsl.ops import plugins, registry
from nasdsl.ops.primitive import Value
from nasdsl.source import SourceFile
from nasdsl.space import skeleton as sk
from nasdsl.space.genotype import Genotype
from nasdsl.syntax.formatter import formatted
from nasdsl.syntax.tables import tables


def alone(genotype: Genotype) -> str:
    """The text of a space of one that has the network of a genotype, and its hyper-parameters.

    It needs no other file, no `param` and no library. Raises NasdslError where the genotype has no network.
    """
    wanted = live(network(genotype))
    name = f"{genotype.space.name}:{genotype.code}"
    text = formatted(SourceFile(name, _Writing(genotype).text()))
    made = loads(text, name, ops=genotype.space.ops)
    if made.size != 1 or live(network(made[0])) != wanted:
        raise InternalError(f"the text of {name} by itself would be another network")
    return text


def live(evaluated: Network) -> tuple[object, ...]:
    """The live operations with what each reads, and what is delivered, by second heads too."""
    network = evaluated.with_taps
    place = {position: i for i, position in enumerate(sorted(network.live))}
    ops = [network.ops[position] for position in place]
    return (
        [(op.name, op.args, op.shape, [place[read] for read in op.inputs if read in place]) for op in ops],
        [(level, place[position]) for level, position in network.outputs],
        [(place[state], place[end]) for state, end in network.feedback if state in place],
        [(tap.name, tap.weight) for tap in evaluated.taps],
    )


@dataclass
class _Body:
    """What the body of a block or a cell names that is known where it is used: numbers, and operations given to it."""

    symbols: set[str] = field(default_factory=set)
    given: list[sk.Step] = field(default_factory=list)

    def operation(self, step: sk.Step) -> str:
        """The parameter that an operation of the place around the block is given as."""
        if step not in self.given:
            self.given.append(step)
        return f"f{self.given.index(step)}"


class _Writing:
    def __init__(self, genotype: Genotype) -> None:
        self.skeleton = genotype.space.skeleton
        self.chosen: Mapping[str, object] = genotype.assignment
        self.taken: set[str] = {*tables().words, *registry.PRIMITIVES}
        self.imported: set[str] = set()
        self.blocks: dict[tuple[str, str], str] = {}  # by what stands behind the name
        self.names: dict[str, str] = {}  # of graphs, by their keys
        self.graphs: list[str] = []

    def text(self) -> str:
        root = self.skeleton.root
        # The last cell of a file without a net is its root, and the first to be named.
        last = self.graph(root) if isinstance(root, str) else self.net(root)
        hypers = [f"hyper {h.name} = {self.number(h.value, _Body())}" for h in self.skeleton.hypers]
        blocks = [f"block {name}{header} {body}" for (header, body), name in self.blocks.items()]
        return "\n\n".join([*self.uses(), *hypers, *blocks, *self.graphs, last]) + "\n"

    def uses(self) -> Iterable[str]:
        modules: dict[str, list[str]] = {}
        for name in sorted(self.imported):
            modules.setdefault(module_of(name), []).append(name)
        return [f"use {module} ({', '.join(names)})" for module, names in sorted(modules.items())]

    def use(self, primitive: str) -> None:
        """Import an operation, and what a plug-in offers; the merges and inputs of nasdsl are in scope everywhere."""
        if registry.get(primitive).role == "operation" or primitive not in registry.PRIMITIVES:
            self.imported.add(primitive)

    def name(self, wanted: str) -> str:
        """A name that nothing else has."""
        stem = "".join(c if c.isalnum() else "_" for c in wanted).strip("_") or "part"
        name, number = stem, 1
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name

    # ---- numbers ----

    def number(self, number: sk.Number, body: _Body) -> str:
        match number:
            case sk.Const():
                return literal(number.value)
            case sk.Symbol():
                body.symbols.add(number.name)
                return number.name
            case sk.NumberChoice():
                return self.number(number.alternatives[self.index(number.path)], body)
            case sk.Dealt():
                order = self.chosen[number.path]
                assert isinstance(order, tuple)
                return literal(number.items[order[number.index]])
            case sk.Arithmetic():
                return f"({self.number(number.left, body)} {number.op} {self.number(number.right, body)})"
        raise InternalError(f"{number} stands in a constraint only")

    def index(self, path: str) -> int:
        index = self.chosen[path]
        assert isinstance(index, int)
        return index

    def arguments(self, args: sk.NamedNumbers, body: _Body, *more: str) -> str:
        shown = [*(f"{name} = {self.number(value, body)}" for name, value in args), *more]
        return f"({', '.join(shown)})" if shown else ""

    # ---- steps ----

    def picked(self, step: sk.Step) -> sk.Step:
        while isinstance(step, sk.Switch):
            step = step.alternatives[self.index(step.path)]
        return step

    def step(self, step: sk.Step, body: _Body, *more: str) -> str:
        """One step; `more` are arguments besides its own."""
        step = self.picked(step)
        match step:
            case sk.Apply():
                self.use(step.primitive)
                return step.primitive + self.arguments(step.args, body, *more)
            case sk.Call():
                return self.call(step, body, *more)
            case sk.UseGraph():
                if step.graph not in self.names:
                    self.graphs.append(self.graph(step.graph))
                return self.names[step.graph] + self.arguments(step.args, body, *more)
            case sk.Outer():
                place = _Body()
                written = self.step(step.step, place)
                # Where nothing that is left of it hangs on the place of its use, it stands in the body itself.
                return body.operation(step.step) if place.symbols or place.given else written
            case sk.Branch():
                merge = self.step(step.merge, body)
                return " ".join(("branch", merge, *(self.chain(chain, body) for chain in step.chains)))
            case sk.Shortcut():
                return f"shortcut {self.chain(step.body, body)}"
            case sk.Chain() | sk.Repeat():
                return "; ".join(self.step(each, body) for each in self.unrolled(step))
        raise InternalError(f"{type(step).__name__} is no step of a chain")

    def unrolled(self, step: sk.Chain | sk.Repeat) -> Iterable[sk.Step]:
        if isinstance(step, sk.Chain):
            return step.steps
        return step.bodies[: self.index(step.path)]

    def chain(self, chain: sk.Chain, body: _Body) -> str:
        return f"{{ {'; '.join(self.step(each, body) for each in chain.steps)} }}"

    def call(self, step: sk.Call, body: _Body, *more: str) -> str:
        inner = _Body()
        written = self.chain(step.body, inner)
        args = tuple((k, v) for k, v in step.args if k in inner.symbols or k in ("width", "stride"))
        header = [k for k, _ in args if k not in ("width", "stride")]
        header += [f"f{i}" for i in range(len(inner.given))]
        header += ["stride = 1"] if step.own_stride else []
        key = (f"({', '.join(header)})" if header else "", written)
        if key not in self.blocks:
            self.blocks[key] = self.name(step.block)
        given = [f"f{i} = {self.step(each, body)}" for i, each in enumerate(inner.given)]
        args = tuple((k, v) for k, v in args if (k, v) != ("stride", sk.Const(1)))
        return self.blocks[key] + self.arguments(args, body, *given, *more)

    # ---- cells ----

    def graph(self, key: str) -> str:
        graph = self.skeleton.graphs[key]
        self.names[key] = self.name(key)
        body = _Body()
        ports = [("state " if port.state else "") + port.name + levels(port.levels) for port in graph.ports]
        ports += [f"{name} = {self.number(default, body)}" for name, default in graph.parameters]
        lines = [f"align {align.where} {align.when} {self.alignment(align, body)}" for align in graph.aligns]
        values = node_names(graph)
        every = range(len(values))
        lines += [
            self.node(graph, m - graph.inputs, values, body) for m in self.written(graph, every) if m >= graph.inputs
        ]
        lines.append(self.out(graph, values))
        return f"{graph.kind} {self.names[key]}({', '.join(ports)}) {{\n" + "\n".join(lines) + "\n}"

    def alignment(self, align: sk.Align, body: _Body) -> str:
        step = self.step(align.step, body)
        return f"native({step})" if align.native else step

    def there(self, node: sk.Node) -> bool:
        """Whether it is no element beyond the length of its array."""
        return node.within is None or self.holds(node.within)

    def holds(self, within: sk.Within) -> bool:
        return self.index(within.path) > within.index

    def present(self, graph: sk.Graph, members: Iterable[int]) -> list[int]:
        nodes, inputs = graph.nodes, graph.inputs
        return [m for m in members if m < inputs or self.there(nodes[m - inputs])]

    def written(self, graph: sk.Graph, members: Iterable[int]) -> list[int]:
        """The members that are there; with a concat all of them, for in one the absent keep their place."""
        every = (*(node.merge for node in graph.nodes if self.there(node)), graph.out.merge)
        joins = [join for join in every if join is not None]
        picked = map(self.picked, joins)
        if any(isinstance(join, sk.Apply) and join.primitive == "concat" for join in picked):
            return list(members)
        return self.present(graph, members)

    def node(self, graph: sk.Graph, index: int, values: tuple[str, ...], body: _Body) -> str:
        node, position = graph.nodes[index], graph.inputs + index
        if not self.there(node):
            self.use("none")
            return f"node {values[position]} {{ from {values[position - 1]}; op none }}"
        read: list[str] = []
        ops: list[str] = []
        for reads in node.reads:
            for drawn, op in zip(self.drawn(reads.path, len(reads.members)), reads.ops, strict=False):
                if not self.written(graph, [reads.members[drawn]]):
                    continue
                parallel = op.alternatives if isinstance(op, sk.Parallel) else (op,)
                for i in self.drawn(op.path if isinstance(op, sk.Parallel) else None, len(parallel)):
                    read.append(values[reads.members[drawn]])
                    taken = parallel[i]
                    ops += [] if taken is None else [self.step(taken, body)]
        if not read:
            self.use("none")
            read, ops = [values[0]], ["none"]
        clauses = [f"from {', '.join(read)}", *([f"op {', '.join(ops)}"] if ops else [])]
        clauses += [] if node.merge is None else [f"merge {self.step(node.merge, body)}"]
        clauses += self.absorbed(graph, node.absorb, values)
        clauses += [] if node.then is None else [f"then {self.step(node.then, body)}"]
        clauses += [] if node.level is None else [f"level {self.number(node.level, body)}"]
        clauses += ["width shared"] if node.shared else ["width free"] if node.free else []
        clauses += [] if node.width is None else [f"width {self.number(node.width, body)}"]
        return f"node {values[position]} {{ {'; '.join(clauses)} }}"

    def drawn(self, path: str | None, count: int) -> Iterable[int]:
        if path is None:
            return range(count)
        drawn = self.chosen[path]
        assert isinstance(drawn, tuple)
        return drawn

    def absorbed(
        self, graph: sk.Graph, absorb: sk.Unread | sk.Drawn | tuple[int, ...], values: tuple[str, ...]
    ) -> list[str]:
        members = absorb if isinstance(absorb, tuple) else absorb.members
        if isinstance(absorb, sk.Drawn):
            members = tuple(members[i] for i in self.drawn(absorb.path, len(members)))
        shown = ", ".join(values[m] for m in self.written(graph, members))
        if not shown:
            return []
        return [f"absorb unused([{shown}])" if isinstance(absorb, sk.Unread) else f"absorb [{shown}]"]

    def out(self, graph: sk.Graph, values: tuple[str, ...]) -> str:
        out = graph.out
        unread = isinstance(out.members, sk.Unread)
        members = out.members.members if isinstance(out.members, sk.Unread) else out.members
        shown = [values[m] for m in self.written(graph, members)]
        listed = f"[{', '.join(shown)}]"
        listed = f"unused({listed})" if unread else listed
        if out.pyramid:
            return f"out {listed} by level"
        if out.merge is None:
            return f"out {values[self.present(graph, members)[-1]]}"
        return f"out {self.step(out.merge, _Body())}({listed})"

    # ---- nets ----

    def net(self, net: sk.Net) -> str:
        body = _Body()
        if net.input.primitive != "pyramid":
            self.use(net.input.primitive)
        source = f"input {net.input.primitive}{self.arguments(net.input.args, body)}"
        lines = [source]
        there = (item for item in net.steps if all(self.holds(within) for within in item.under))
        for stage, items in groupby(there, lambda item: item.stage):
            steps = list(items)
            written = [self.net_step(item, body) for item in steps]
            lines += written if stage is None else [f"{self.stage(steps[0], body)} {{ {'; '.join(written)} }}"]
        return f"net {net.name} {{\n" + "\n".join(lines) + "\n}"

    def stage(self, item: sk.NetStep, body: _Body) -> str:
        assert item.stage is not None
        told = [] if item.width is None else [f"width = {self.number(item.width, body)}"]
        told += [] if item.stride == sk.Const(1) else [f"stride = {self.number(item.stride, body)}"]
        return f"stage {'' if '[' in item.stage else item.stage} ({', '.join(told)})"

    def net_step(self, item: sk.NetStep, body: _Body) -> str:
        if isinstance(item.step, sk.Tap):
            weight = self.number(item.step.weight, body)
            return f"tap {item.step.name} {self.step(item.step.step, body, f'weight = {weight}')}"
        return ("" if item.role == "step" else f"{item.role} ") + self.step(item.step, body)


def literal(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def levels(found: tuple[int, ...] | None) -> str:
    if found is None:
        return ""
    return (
        f"[{found[0]}..{found[-1]}]" if len(found) == found[-1] - found[0] + 1 else f"[[{', '.join(map(str, found))}]]"
    )


def node_names(graph: sk.Graph) -> tuple[str, ...]:
    """What every value is called: ports as before, `n[0]` is `n_0`."""
    names = list(graph.values[: graph.inputs])
    for value in graph.values[graph.inputs :]:
        name = stem = value.replace("[", "_").replace("]", "")
        number = 1
        while name in names:
            number += 1
            name = f"{stem}_{number}"
        names.append(name)
    return tuple(names)


def module_of(name: str) -> str:
    """The module of the language that an operation is imported from."""
    if name in registry.PRIMITIVES:
        return "primitives"
    offered = plugins.load(registry.plugin_of(name)).operations
    return next(module for module, primitives in offered.items() if any(p.name == name for p in primitives))
