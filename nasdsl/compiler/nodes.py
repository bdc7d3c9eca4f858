"""Nodes of cells and motifs: what they read, pass through, join and deliver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nasdsl.compiler.expansion import Context, Expansion, Slot, declared_label
from nasdsl.compiler.merges import counted, options
from nasdsl.compiler.quantities import integer, integers, number
from nasdsl.compiler.requires import expanded
from nasdsl.compiler.sets import Visible, values, weighed_values
from nasdsl.compiler.steps import merge_step, some_of, step
from nasdsl.compiler.templates import either
from nasdsl.diagnostics import NasdslError, error
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.arrangement import Arrangement
from nasdsl.space.decisions import Mode, Subset
from nasdsl.space.group import Written
from nasdsl.space.model import Entry
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

if TYPE_CHECKING:
    from nasdsl.compiler.graphs import Expanding


Drawing = tree.Pick | tree.OneOf | tree.SomeOf
MOST_PICKS = 1_000


@dataclass
class NodeExpanding:
    """One node while it is expanded."""

    graph: Expanding
    item: tree.Node
    seen: Visible
    label: str
    index: int
    count: int
    # The decision of an array's length, where it is open.
    open: str | None = None
    within: sk.Within | None = None
    unread: sk.Unread | None = None

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
        if self.unread is not None and "absorb" in clauses:
            raise error(
                "E0312", f"node `{self.label}` absorbs what its `from` already takes", clauses["absorb"].span,
                "the second set", labels=declared_label("reads `unused`", clauses["from"].span),
            )  # fmt: skip
        requires: list[sk.Test] = []
        for item in self.item.clauses:
            if isinstance(item, tree.Require):
                with self.x.collecting():
                    requires += expanded(self.x, item, self.ctx, "node", self.path)
        open_width = width_word(clauses["width"].values[0]) if "width" in clauses else None
        reads = made.get("from", ())
        assert isinstance(reads, tuple)
        if "merge" in made and "from" in made:
            self.joinable(reads, made["merge"], clauses)  # type: ignore[arg-type]
        return sk.Node(
            self.label, path, reads, made.get("merge"), self.unread or made.get("absorb", ()), made.get("then"),  # type: ignore[arg-type]
            made.get("level"), made.get("width"), open_width == "free", self.item.name.span,  # type: ignore[arg-type]
            self.within, tuple(requires), open_width == "shared",
        )  # fmt: skip

    def joinable(self, reads: tuple[sk.Reads, ...], merge: sk.Step, clauses: dict[str, tree.Clause]) -> None:
        """E0318 for a merge of so many values, E0319 for a set that joins where order matters (rule 7 of section 2)."""
        counted(merge, sum(edges(op) for r in reads for op in r.ops), clauses["merge"].span)
        for expr in clauses["from"].values:
            if not isinstance(expr, tree.Pick) or expr.mode != "set" or fixed_one(expr):
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
                if isinstance(value, tree.SomeOf | tree.Pick | tree.OneOf):
                    return self.drawn(value)
                return self.graph.joined(value, self.seen)
            case "merge":
                return self.decided("merge", value, merge_step)
            case "then":
                return self.decided("then", value, step)
            case "level":
                return self.dealt("level", value)
        if width_word(value) is not None:
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
            # A permutation is numbered among all of them.
            self.x.count_step(value.span, len(items) ** 2 if self.index == 0 else 0)
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
        if self.open is not None:
            raise error(
                "E0314", "one value for each node needs an array of fixed length", value.span, "dealt to the nodes",
                labels=declared_label("of open length", self.item.name.span),
            )  # fmt: skip
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
            if (unread := self.graph.unread(expr, self.seen)) is not None:
                self.take_unread(unread, expr, op)
                continue
            if isinstance(expr, tree.Pick | tree.OneOf | tree.SomeOf):
                found = self.picked(expr, op, slots)
                if found is None:
                    continue
                group, decision = found
                self.graph.owner.clause(self.path, "from", [Written((0,), (decision,))])
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
        fixed = all(g.path is None or g.least == len(g.ops) for g in groups)
        if op is not None and len(op.values) > 1 and (len(op.values) != slots or not fixed):
            inputs = f"{slots} input{'' if slots == 1 else 's'}" if fixed else "an open number of inputs"
            raise error(
                "E0315", f"{len(op.values)} operations for {inputs} of node `{self.label}`",
                op.span, "one for all, or one for each", labels=declared_label("what it reads", item.span),
                helps=(f"op one of [{', '.join(map(text, op.values))}]",) if not fixed else (),
            )  # fmt: skip
        if not any(isinstance(c, tree.Clause) and c.kind == "merge" for c in self.item.clauses):
            self.single(groups, fixed, item)
        return tuple(groups)

    def single(self, groups: list[sk.Reads], fixed: bool, item: tree.Clause) -> None:
        """E0316 where a node without a merge may have any number of inputs but one."""
        most = sum(edges(op) for g in groups for op in g.ops)
        if most == 1 and fixed and self.unread is None and not isinstance(groups[0].ops[0], sk.Parallel):
            return
        shown = f"{most} values" if fixed and self.unread is None and most > 1 else "an open number of values"
        raise error(
            "E0316", f"node `{self.label}` reads {shown} and does not say how they join", item.span, shown,
            helps=("merge add", "merge concat"),
        )  # fmt: skip

    def take_unread(self, unread: sk.Unread, expr: tree.Expr, op: tree.Clause | None) -> None:
        """`from unused`: what nobody has read joins as it is; how much that is no text can say."""
        if op is not None:
            raise error(
                "E0325", "an operation needs to know its input, and `unused` is an open set", op.span,
                "no operation here", labels=declared_label("whatever nobody has read", expr.span),
                helps=("then " + text(op.values[0]),),
            )  # fmt: skip
        if self.unread is not None:
            raise error("E0317", "`unused` is read twice", expr.span, "the second time")
        self.unread = unread

    def op(self, clause: tree.Clause | None, slot_index: int) -> tuple[sk.Step | None, Written | None]:
        """The operation of one slot, decided for that slot alone."""
        if clause is None:
            return None, None
        expr = clause.values[min(slot_index, len(clause.values) - 1)]
        slot = Slot()
        path = f"{self.path}.op[{slot_index}]"
        if isinstance(expr, tree.SomeOf):
            return some_of(self.x, expr, self.ctx, slot, path), slot.written(expr)
        return step(self.x, expr, self.ctx, slot, path), slot.written(expr)

    def picked(self, expr: Drawing, op: tree.Clause | None, first: int) -> tuple[sk.Reads, Subset] | None:
        """What a `pick` draws and its decision; None where `some of` draws from nothing."""
        members, weights = self.members(expr)
        if not members and isinstance(expr, tree.SomeOf):
            return None
        least, most, mode = self.bounds(expr, members)
        self.x.count_step(expr.span, len(members))
        made = []
        for j in range(most):
            self.x.count_step(expr.span)
            made.append(self.op(op, first + j))
        reads = tuple(w for _, w in made if w is not None)
        labels = tuple(self.seen.labels[m] for m in members)
        path = f"{self.path}.from" + (f"[{first}]" if first else "")
        decision = Subset(path, labels, least, most, mode, reads, expr.span, weights)
        return sk.Reads(path, members, tuple(s for s, _ in made), expr.span, least), decision

    def members(self, expr: Drawing) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """What is drawn from, and its weights."""
        members, weights = weighed_values(self.x, expr.members, self.ctx, self.seen)
        if len(set(members)) != len(members):
            raise error("E0317", f"`{text(expr.members)}` holds a value twice", expr.members.span)
        if not members and not isinstance(expr, tree.SomeOf):
            raise self.nothing(expr.members, expr.span)
        return members, weights

    def bounds(self, expr: Drawing, members: tuple[int, ...]) -> tuple[int, int, Mode]:
        """How many are drawn at least and at most, and how."""
        if isinstance(expr, tree.SomeOf):
            return 0, len(members), "set"
        if isinstance(expr, tree.OneOf):
            return 1, 1, "set"
        if isinstance(expr.count, tree.Range):
            least, most = self.range(expr.count, len(members))
        else:
            least = most = integer(self.x, expr.count, self.ctx, 1, MOST_PICKS, "the number of picks")
        if expr.mode != "repeats":
            if least > len(members):
                self.too_few(expr, least, members)
            # Of less than the range allows, as many as there are.
            most = min(most, len(members))
        return least, most, expr.mode

    def range(self, expr: tree.Range, there: int) -> tuple[int, int]:
        least = integer(self.x, expr.start, self.ctx, 0, MOST_PICKS, "the number of picks")
        if expr.stop is None:
            return least, max(least, there)
        most = integer(self.x, expr.stop, self.ctx, 1, MOST_PICKS, "the number of picks")
        if most < least or expr.step is not None:
            helps = (f"{most}..{least}",) if most < least else (f"{least}..{most}",)
            raise error("E0205", "a number of picks is a range that runs upwards, one by one", expr.span, helps=helps)
        return least, most

    def drawn(self, expr: Drawing) -> sk.Drawn | tuple[int, ...]:
        """`absorb some of S`: drawn values that join without an operation."""
        members, weights = self.members(expr)
        if not members:
            return ()
        self.x.count_step(expr.span, len(members))
        least, most, mode = self.bounds(expr, members)
        if mode != "set":
            plain = expr.but(mode="set") if isinstance(expr, tree.Pick) else expr
            raise error("E0325", "what is absorbed is a set: its order plays no part", expr.span,
                        helps=(f"absorb {text(plain)}",))  # fmt: skip
        path = f"{self.path}.absorb"
        labels = tuple(self.seen.labels[m] for m in members)
        decision = Subset(path, labels, least, most, mode, (), expr.span, weights)
        self.graph.owner.clause(self.path, "absorb", [Written((0,), (decision,))])
        return sk.Drawn(path, members, least)

    def nothing(self, members: tree.Expr, span: Span) -> NasdslError:
        what = f"`{text(members)}` is empty at node `{self.label}`"
        first = bool(self.seen.current) and self.index == 0 and self.count > 1
        helps = ("from earlier",) if first and isinstance(members, tree.Ref | tree.AllOf) else ()
        return error("E0303", what, span, "there is nothing to read", helps=helps)

    def too_few(self, expr: Drawing, count: int, members: tuple[int, ...]) -> None:
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


def width_word(value: tree.Expr) -> str | None:
    """`free` or `shared`, where a width is no number."""
    return value.name if isinstance(value, tree.Ref) and value.name in ("free", "shared") else None


def edges(op: sk.Step | None) -> int:
    """How many edges one read can become."""
    return len(op.alternatives) if isinstance(op, sk.Parallel) else 1


def fixed_one(expr: tree.Pick) -> bool:
    """Whether one value is drawn, so that order plays no part."""
    return isinstance(expr.count, tree.Number) and expr.count.value == 1
