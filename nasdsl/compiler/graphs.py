"""Cells and motifs: ports, nodes with their clauses, alignment and output."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nasdsl.compiler.expansion import MOST_ELEMENTS, Context, Expansion, Owner, Slot, declared_label
from nasdsl.compiler.names import Definition, library
from nasdsl.compiler.quantities import integer, integers, number
from nasdsl.compiler.sets import Visible, levels, values
from nasdsl.compiler.steps import array_size, either, merge_step, step, use
from nasdsl.diagnostics import NasdslError, error
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Arrangement, Subset
from nasdsl.space.group import Written
from nasdsl.space.model import Entry
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text


def instance(
    x: Expansion, found: Definition, index: int | None, fresh: str | None = None, span: Span | None = None
) -> str:
    """The key of a graph's expansion, made on first use; `fresh` names a copy with decisions of its own."""
    declared = found.what
    assert isinstance(declared, tree.Graph)
    home = Context(found.home)
    if index is not None and not 0 <= index < array_size(x, declared, home):
        raise error("E0216", f"`{declared.name.text}` has no element {index}", declared.name.span)
    key = fresh or declared.name.text + (f"[{index}]" if index is not None else "")
    with x.inside(key, declared.name.span):
        if key not in x.graphs:
            owner = x.owner(key, span or declared.span, found.home)
            x.graphs[key] = Expanding(x, declared, home, key, owner).graph()
    return key


@dataclass
class Expanding:
    """One graph while it is expanded: what has been made of its body so far."""

    x: Expansion
    declared: tree.Graph
    ctx: Context
    key: str
    owner: Owner
    made: list[sk.Node] = field(default_factory=list)
    aligns: list[sk.Align] = field(default_factory=list)
    output: sk.Out | None = None

    def graph(self) -> sk.Graph:
        declared, x = self.declared, self.x
        self.ctx = replace(self.ctx, symbols=frozenset(p.name.text for p in declared.parameters))
        parameters = tuple(
            (p.name.text, number(x, p.default, self.ctx, None, "")) for p in declared.parameters if p.default
        )
        seen = Visible()
        ports = self.ports(seen)
        problems = len(x.problems)
        for item in declared.body:
            with x.collecting():
                self.statement(item, seen)
        if self.output is None:
            # What is wrong in the body has been said; a missing `out` behind it would be noise.
            if len(x.problems) > problems:
                raise NasdslError(())
            last = self.made[-1].name if self.made else declared.ports[-1].name.text
            raise error(
                "E0308", f"{declared.kind} `{declared.name.text}` has no `out`", declared.name.span,
                helps=(f"out {last}",),
            )  # fmt: skip
        if not self.aligns and len(ports) == 2 and ports[0].levels is None:
            self.aligns.append(default_alignment(x))
        return sk.Graph(
            self.key, declared.kind, ports, parameters, tuple(self.aligns), tuple(self.made), self.output,
            tuple(seen.labels), declared.name.span,
        )  # fmt: skip

    def ports(self, seen: Visible) -> tuple[sk.Port, ...]:
        made = []
        for port in self.declared.ports:
            if port.state:
                raise error("E0290", "`state` ports are not part of this version", port.span)
            if port.name.text in seen.arrays:
                raise error("E0202", f"port `{port.name.text}` is declared twice", port.span)
            made.append(sk.Port(port.name.text, levels(self.x, port.levels, self.ctx) if port.levels else None))
            seen.port(made[-1], port.span)
        if not made:
            raise error(
                "E0307", f"{self.declared.kind} `{self.declared.name.text}` has no port", self.declared.name.span,
                helps=(f"{self.declared.kind} {self.declared.name.text}(x) {{ ... }}",),
            )  # fmt: skip
        return tuple(made)

    def statement(self, item: tree.Statement, seen: Visible) -> None:
        match item:
            case tree.Node():
                self.made += self.nodes(item, seen)
            case tree.Let():
                slot = Slot()
                value = either(self.x, item.value, self.ctx, slot, f"{self.key}.{item.name.text}")
                self.ctx = self.ctx.with_let(item.name.text, value)
                self.owner.assignments(slot.decisions)
            case tree.Align():
                self.aligns.append(self.align(item, len(self.aligns)))
            case tree.Out():
                if self.output is not None:
                    raise error("E0308", f"`{self.declared.name.text}` has two outputs", item.span)
                self.output = self.out(item, seen)
            case tree.Require():
                raise error("E0290", "`require` is not part of this version", item.span)

    def align(self, item: tree.Align, index: int) -> sk.Align:
        slot = Slot()
        made = step(self.x, item.value, self.ctx, slot, f"{self.key}.align[{index}]")
        self.owner.assignments(slot.decisions)
        return sk.Align(item.where, item.when, made)

    # ---- nodes ----

    def nodes(self, item: tree.Node, seen: Visible) -> list[sk.Node]:
        name = item.name.text
        if name in seen.arrays:
            first = seen.spans.get(name)
            raise error(
                "E0202", f"`{name}` is declared twice in `{self.declared.name.text}`", item.name.span,
                labels=declared_label("first declared here", first),
            )  # fmt: skip
        seen.spans[name] = item.name.span
        count = 1
        if item.count is not None:
            if isinstance(item.count, tree.Range | tree.Choice):
                raise error("E0290", "a choice of the number of nodes is not part of this version", item.count.span)
            count = integer(self.x, item.count, self.ctx, 1, MOST_ELEMENTS, "the number of nodes")
        made = []
        seen.current = name
        for i in range(count):
            label = name if item.count is None else f"{name}[{i}]"
            node = NodeExpanding(self, item, seen, label, i, count).node()
            # Added after its clauses were read: a node does not see itself.
            seen.add(name, label)
            made.append(node)
        seen.current = ""
        return made

    def out(self, item: tree.Out, seen: Visible) -> sk.Out:
        value, x = item.value, self.x
        if item.by is not None:
            if item.by.text != "level":
                raise error("E0309", f"`by {item.by.text}` is not known", item.by.span, helps=("by level",))
            return sk.Out(values(x, value, self.ctx, seen), None, True, item.span)
        if isinstance(value, tree.Call) and value.name.text == "last" and len(value.args) == 1:
            members = values(x, value.args[0].value, self.ctx, seen)[-1:]
            return sk.Out(members, None, False, item.span)
        if isinstance(value, tree.Call):
            merge = merge_step(x, tree.Ref(value.name.span, value.name.text), self.ctx, Slot(), "")
            if len(value.args) != 1 or value.args[0].name is not None:
                raise error("E0310", f"`{value.name.text}` joins one set of values here", value.span)
            return sk.Out(self.joined(value.args[0].value, seen), merge, False, item.span)
        if isinstance(value, tree.Choice | tree.OneOf):
            raise error("E0290", "a choice of outputs is not part of this version", value.span)
        members = values(x, value, self.ctx, seen)
        if len(members) != 1:
            raise error(
                "E0311", f"`out` delivers one value, `{text(value)}` holds {len(members)}", value.span,
                helps=(f"out last({text(value)})", f"out concat({text(value)})"),
            )  # fmt: skip
        return sk.Out(members, None, False, item.span)

    def joined(self, expr: tree.Expr, seen: Visible) -> sk.Unread | tuple[int, ...]:
        """The set inside a merge: `unused`, `unused(b)`, or values."""
        if isinstance(expr, tree.Ref) and expr.name == "unused":
            return sk.Unread(seen.earlier)
        if isinstance(expr, tree.Call) and expr.name.text == "unused":
            if len(expr.args) != 1:
                raise error("E0310", "`unused` takes one array of nodes", expr.span)
            return sk.Unread(values(self.x, expr.args[0].value, self.ctx, seen))
        return values(self.x, expr, self.ctx, seen)


@dataclass
class NodeExpanding:
    """One node while it is expanded."""

    graph: Expanding
    item: tree.Node
    seen: Visible
    label: str
    index: int
    count: int

    def __post_init__(self) -> None:
        self.x: Expansion = self.graph.x
        self.ctx: Context = self.graph.ctx
        self.path: str = f"{self.graph.key}.{self.label}"

    def node(self) -> sk.Node:
        path = self.path
        clauses: dict[str, tree.Clause] = {}
        made: dict[str, object] = {}
        for item in self.item.clauses:
            if isinstance(item, tree.Require):
                raise error("E0290", "`require` is not part of this version", item.span)
            if isinstance(item, tree.Clause):
                if item.kind in clauses:
                    raise error("E0312", f"node `{self.label}` has `{item.kind}` twice", item.span)
                clauses[item.kind] = item
        if "from" not in clauses:
            raise error("E0313", f"node `{self.label}` reads nothing", self.item.name.span, helps=("from earlier",))
        for item in self.item.clauses:
            if isinstance(item, tree.Let):
                slot = Slot()
                value = either(self.x, item.value, self.ctx, slot, f"{path}.{item.name.text}")
                self.ctx = self.ctx.with_let(item.name.text, value)
                self.graph.owner.assignments(slot.decisions)
            elif isinstance(item, tree.Clause) and item.kind != "op":
                made[item.kind] = self.clause(item, clauses)
        width = clauses.get("width")
        free = width is not None and isinstance(width.values[0], tree.Ref) and width.values[0].name == "free"
        reads = made["from"]
        assert isinstance(reads, tuple)
        return sk.Node(
            self.label, path, reads, made.get("merge"), made.get("absorb", ()), made.get("then"),  # type: ignore[arg-type]
            made.get("level"), None if free else made.get("width"), free, self.item.name.span,  # type: ignore[arg-type]
        )  # fmt: skip

    def clause(self, item: tree.Clause, clauses: dict[str, tree.Clause]) -> object:
        value = item.values[0]
        match item.kind:
            case "from":
                return self.reads(item, clauses.get("op"))
            case "absorb":
                if isinstance(value, tree.SomeOf):
                    raise error("E0290", "`absorb some of` is not part of this version", value.span)
                return self.graph.joined(value, self.seen)
            case "merge":
                return self.decided("merge", value, merge_step)
            case "then":
                return self.decided("then", value, step)
            case "level":
                return self.dealt("level", value)
        if isinstance(value, tree.Ref) and value.name == "free":
            return None
        return self.dealt("width", value)

    def decided(self, clause: str, value: tree.Expr, make: object) -> object:
        slot = Slot()
        result = make(self.x, value, self.ctx, slot, f"{self.path}.{clause}")  # type: ignore[operator]
        self.graph.owner.clause(self.path, clause, [slot.written(value)])
        return result

    def dealt(self, clause: str, value: tree.Expr) -> sk.Number:
        """A number of a node; a list or a permutation is dealt to the elements of the array."""
        if isinstance(value, tree.OrderOf):
            items = integers(self.x, value.members, self.ctx)
            self.dealable(len(items), value)
            name = f"{self.graph.key}.{self.item.name.text}.{clause}"
            if self.index == 0:
                decision = Arrangement(name, tuple(map(str, items)), value.span)
                self.graph.owner.entries.append(Entry(name, "", (Written((0,), (decision,)),)))
            return sk.Dealt(name, self.index, items)
        if isinstance(value, tree.List):
            self.dealable(len(value.items), value)
            return sk.Const(integers(self.x, value, self.ctx)[self.index])
        result = self.decided(clause, value, number)
        assert isinstance(result, sk.Number)
        return result

    def dealable(self, items: int, value: tree.Expr) -> None:
        if items != self.count:
            name = self.item.name.text
            raise error("E0314", f"{items} values are dealt to the {self.count} nodes of `{name}`", value.span)

    # ---- reads ----

    def reads(self, item: tree.Clause, op: tree.Clause | None) -> tuple[sk.Reads, ...]:
        groups: list[sk.Reads] = []
        slots = 0
        parts: list[Written] = []
        for expr in item.values:
            if isinstance(expr, tree.Pick | tree.OneOf):
                group, decision = self.picked(expr, op, slots)
                self.graph.owner.clause(self.path, "from", [Written((0,), (decision,))])
            elif isinstance(expr, tree.SomeOf):
                raise error("E0290", "`some of` is not part of this version", expr.span)
            else:
                members = values(self.x, expr, self.ctx, self.seen)
                if not members:
                    raise error("E0303", f"`{text(expr)}` is empty at node `{self.label}`", expr.span)
                made = [self.op(op, slots + j) for j in range(len(members))]
                parts += [w for _, w in made if w is not None]
                group = sk.Reads(None, members, tuple(s for s, _ in made), expr.span)
            slots += len(group.ops)
            groups.append(group)
        self.graph.owner.clause(self.path, "op", parts)
        if op is not None and len(op.values) > 1 and len(op.values) != slots:
            raise error("E0315", f"{len(op.values)} operations for {slots} inputs of node `{self.label}`", op.span)
        if slots > 1 and not any(isinstance(c, tree.Clause) and c.kind == "merge" for c in self.item.clauses):
            raise error(
                "E0316", f"node `{self.label}` reads {slots} values and does not say how they join", item.span,
                helps=("merge add", "merge concat"),
            )  # fmt: skip
        return tuple(groups)

    def op(self, clause: tree.Clause | None, slot_index: int) -> tuple[sk.Step | None, Written | None]:
        """The operation of one slot, decided for that slot alone."""
        if clause is None:
            return None, None
        expr = clause.values[min(slot_index, len(clause.values) - 1)]
        slot = Slot()
        made = step(self.x, expr, self.ctx, slot, f"{self.path}.op[{slot_index}]")
        return made, slot.written(expr)

    def picked(self, expr: tree.Pick | tree.OneOf, op: tree.Clause | None, first: int) -> tuple[sk.Reads, Subset]:
        members = values(self.x, expr.members, self.ctx, self.seen)
        if len(set(members)) != len(members):
            raise error("E0317", f"`{text(expr.members)}` holds a value twice", expr.members.span)
        count, mode = 1, "set"
        if isinstance(expr, tree.Pick):
            if isinstance(expr.count, tree.Range):
                raise error("E0290", "`pick a..b` is not part of this version", expr.count.span)
            count, mode = integer(self.x, expr.count, self.ctx, 1, 1000, "the number of picks"), expr.mode
        if not members or (mode != "repeats" and count > len(members)):
            self.too_few(expr, count, members)
        made = [self.op(op, first + j) for j in range(count)]
        reads = tuple(w for _, w in made if w is not None)
        labels = tuple(self.seen.labels[m] for m in members)
        path = f"{self.path}.from" + (f"[{first}]" if first else "")
        decision = Subset(path, labels, count, count, mode, reads, expr.span)  # type: ignore[arg-type]
        return sk.Reads(path, members, tuple(s for s, _ in made), expr.span), decision

    def too_few(self, expr: tree.Pick | tree.OneOf, count: int, members: tuple[int, ...]) -> None:
        ports = self.graph.declared.ports
        header = ports[0].span.to(ports[-1].span)
        shown = text(expr.members)
        message = f"node `{self.label}` must pick {count} different values but can see only {len(members)}"
        helps = [f"pick {len(members)} of {shown}"] if members else []
        if members:
            helps.append(f"or let a value be used twice: `pick {count} of {shown} with repeats`")
        raise error(
            "E0304", message, expr.span,
            f"needs at least {count}", labels=declared_label(f"the only values before `{self.label}`", header)
            if len(members) == self.seen.ports else (), helps=helps,
        )  # fmt: skip


def default_alignment(x: Expansion) -> sk.Align:
    """Cells of two ports align both with `relu_conv_bn(1)`, as NASNet and DARTS do."""
    vision = library("vision")
    span = Span(vision.source, 0, 0)
    arg = tree.Arg(span, None, tree.Number(span, 1))
    found = vision.find("relu_conv_bn", span)
    return sk.Align("ports", "always", use(x, found, "relu_conv_bn", (arg,), span, Context(vision), Slot(), ""))


def reduction(x: Expansion) -> sk.Step:
    """The alignment at a stride: `factorized_reduction` (DARTS, Liu et al., 2019)."""
    vision = library("vision")
    span = Span(vision.source, 0, 0)
    found = vision.find("factorized_reduction", span)
    return use(x, found, "factorized_reduction", (), span, Context(vision), Slot(), "")
