"""Nodes of cells and motifs: what they read, pass through, join and deliver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nasdsl.compiler.expansion import Context, Expansion, Slot, declared_label, missing
from nasdsl.compiler.merges import counted, options
from nasdsl.compiler.quantities import integer, integers, number
from nasdsl.compiler.sets import Visible, values, weighed_values
from nasdsl.compiler.steps import merge_step, step
from nasdsl.compiler.templates import either
from nasdsl.diagnostics import NasdslError, error
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Arrangement, Subset
from nasdsl.space.group import Written
from nasdsl.space.model import Entry
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

if TYPE_CHECKING:
    from nasdsl.compiler.graphs import Expanding


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
        with self.x.together():
            return self.decided_node()

    def decided_node(self) -> sk.Node:
        path = self.path
        clauses: dict[str, tree.Clause] = {}
        made: dict[str, object] = {}
        for item in self.item.clauses:
            if isinstance(item, tree.Require):
                raise missing("`require`", item.span)
            if isinstance(item, tree.Clause):
                if item.kind in clauses:
                    raise error(
                        "E0312", f"node `{self.label}` has `{item.kind}` twice", item.span, "the second one",
                        labels=declared_label("the first", clauses[item.kind].span),
                    )  # fmt: skip
                clauses[item.kind] = item
        if "from" not in clauses:
            helps = (
                f"from {self.seen.labels[-1]}",
                "from pick 2 of earlier" if self.seen.ports > 1 else "from all of earlier",
            )
            raise error("E0313", f"node `{self.label}` reads nothing", self.item.name.span, "no `from`", helps=helps)
        for item in self.item.clauses:
            if isinstance(item, tree.Let):
                slot = Slot()
                value = either(self.x, item.value, self.ctx, slot, f"{path}.{item.name.text}")
                self.ctx = self.ctx.with_let(item.name.text, value)
                self.graph.owner.assignments(slot.decisions)
            elif isinstance(item, tree.Clause) and item.kind != "op":
                with self.x.collecting():
                    made[item.kind] = self.clause(item, clauses)
        width = clauses.get("width")
        free = width is not None and isinstance(width.values[0], tree.Ref) and width.values[0].name == "free"
        reads = made.get("from", ())
        assert isinstance(reads, tuple)
        if "merge" in made and "from" in made:
            self.joinable(reads, made["merge"], clauses)  # type: ignore[arg-type]
        return sk.Node(
            self.label, path, reads, made.get("merge"), made.get("absorb", ()), made.get("then"),  # type: ignore[arg-type]
            made.get("level"), None if free else made.get("width"), free, self.item.name.span,  # type: ignore[arg-type]
        )  # fmt: skip

    def joinable(self, reads: tuple[sk.Reads, ...], merge: sk.Step, clauses: dict[str, tree.Clause]) -> None:
        """E0318 for a merge of so many values, E0319 for a set that joins where order matters (rule 7 of section 2)."""
        counted(merge, sum(len(r.ops) for r in reads), clauses["merge"].span)
        for expr, read in zip(clauses["from"].values, reads, strict=True):
            if not isinstance(expr, tree.Pick) or expr.mode != "set" or len(read.ops) < 2:
                continue
            for option in options(merge):
                if not get(option.primitive).commutes:
                    raise error(
                        "E0319", f"`{option.primitive}` depends on the order of its inputs, and a set has none",
                        expr.span, "a set: no first, no second",
                        labels=declared_label("tells its inputs apart", option.span),
                        helps=(text(expr) + " in order",),
                    )  # fmt: skip

    def clause(self, item: tree.Clause, clauses: dict[str, tree.Clause]) -> object:
        value = item.values[0]
        match item.kind:
            case "from":
                return self.reads(item, clauses.get("op"))
            case "absorb":
                if isinstance(value, tree.SomeOf):
                    raise missing("`absorb some of`", value.span)
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
            nodes = f"{self.count} node{'' if self.count == 1 else 's'}"
            raise error(
                "E0314", f"{items} values are dealt to {nodes}", value.span, "one value for each node",
                labels=declared_label(f"`{name}` has {nodes}", self.item.name.span),
            )  # fmt: skip

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
                raise missing("`some of`", expr.span)
            else:
                members = values(self.x, expr, self.ctx, self.seen)
                self.x.count_step(expr.span, len(members))
                if not members:
                    raise self.nothing(expr, expr.span)
                made = [self.op(op, slots + j) for j in range(len(members))]
                parts += [w for _, w in made if w is not None]
                group = sk.Reads(None, members, tuple(s for s, _ in made), expr.span)
            slots += len(group.ops)
            groups.append(group)
        self.graph.owner.clause(self.path, "op", parts)
        if op is not None and len(op.values) > 1 and len(op.values) != slots:
            inputs = f"{slots} input{'' if slots == 1 else 's'}"
            raise error(
                "E0315", f"{len(op.values)} operations for {inputs} of node `{self.label}`",
                op.span, "one for all, or one for each", labels=declared_label("what it reads", item.span),
            )  # fmt: skip
        if slots > 1 and not any(isinstance(c, tree.Clause) and c.kind == "merge" for c in self.item.clauses):
            raise error(
                "E0316", f"node `{self.label}` reads {slots} values and does not say how they join", item.span,
                f"{slots} values", helps=("merge add", "merge concat"),
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
        members, weights = weighed_values(self.x, expr.members, self.ctx, self.seen)
        if len(set(members)) != len(members):
            raise error("E0317", f"`{text(expr.members)}` holds a value twice", expr.members.span)
        count, mode = 1, "set"
        if isinstance(expr, tree.Pick):
            if isinstance(expr.count, tree.Range):
                raise missing("`pick a..b`", expr.count.span)
            count, mode = integer(self.x, expr.count, self.ctx, 1, 1000, "the number of picks"), expr.mode
        if not members:
            raise self.nothing(expr.members, expr.span)
        if mode != "repeats" and count > len(members):
            self.too_few(expr, count, members)
        made = [self.op(op, first + j) for j in range(count)]
        reads = tuple(w for _, w in made if w is not None)
        labels = tuple(self.seen.labels[m] for m in members)
        path = f"{self.path}.from" + (f"[{first}]" if first else "")
        decision = Subset(path, labels, count, count, mode, reads, expr.span, weights)  # type: ignore[arg-type]
        return sk.Reads(path, members, tuple(s for s, _ in made), expr.span), decision

    def nothing(self, members: tree.Expr, span: Span) -> NasdslError:
        what = f"`{text(members)}` is empty at node `{self.label}`"
        first = self.seen.current and self.index == 0 and self.count > 1
        helps = ("from earlier",) if first and isinstance(members, tree.Ref | tree.AllOf) else ()
        return error("E0303", what, span, "there is nothing to read", helps=helps)

    def too_few(self, expr: tree.Pick | tree.OneOf, count: int, members: tuple[int, ...]) -> None:
        ports = self.graph.declared.ports
        header = ports[0].span.to(ports[-1].span)
        shown = text(expr.members)
        message = f"node `{self.label}` must pick {count} different values but can see only {len(members)}"
        twice = f"or let a value be used twice: `pick {count} of {shown} with repeats`"
        helps = [f"pick {len(members)} of {shown}", twice]
        raise error(
            "E0304", message, expr.span,
            f"needs at least {count}", labels=declared_label(f"the only values before `{self.label}`", header)
            if len(members) == self.seen.ports else (), helps=helps,
        )  # fmt: skip
