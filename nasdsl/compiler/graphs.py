"""Cells and motifs: ports, nodes with their clauses, alignment and output."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nasdsl.compiler.alignment import default_alignment
from nasdsl.compiler.candidates import array_size
from nasdsl.compiler.expansion import MOST_ELEMENTS, Context, Expansion, Owner, Slot, declared_label, missing
from nasdsl.compiler.merges import counted
from nasdsl.compiler.names import Definition
from nasdsl.compiler.nodes import NodeExpanding
from nasdsl.compiler.quantities import integer, number
from nasdsl.compiler.sets import Visible, levels, values
from nasdsl.compiler.steps import merge_step, step
from nasdsl.compiler.templates import either
from nasdsl.diagnostics import InternalError, NasdslError, error
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text


def instance(
    x: Expansion, found: Definition, index: int | None, fresh: str | None = None, span: Span | None = None,
    *, at: Span | None = None,
) -> str:  # fmt: skip
    """The key of a graph's expansion, made on first use; `fresh` names a copy with decisions of its own.

    `span` is where the copy is declared, and `at` where it is used, for errors.
    """
    declared = found.what
    assert isinstance(declared, tree.Graph)
    home = Context(found.home)
    if index is not None and not 0 <= index < array_size(x, declared, home):
        raise InternalError(f"{declared.name.text}[{index}]")
    key = fresh or x.named(declared.name.text, found.home) + (f"[{index}]" if index is not None else "")
    with x.inside(key, at or span or declared.name.span):
        if key in x.broken:
            raise NasdslError(())
        if key not in x.graphs:
            owner = x.owner(key, span or declared.span, found.home)
            x.broken.add(key)
            x.graphs[key] = Expanding(x, declared, home, key, owner).graph()
            x.broken.discard(key)
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
        for item in declared.body:
            with x.collecting():
                self.statement(item, seen)
        if self.output is None:
            if any(isinstance(item, tree.Out) for item in declared.body):
                # What is wrong with it has been said.
                raise NasdslError(())
            last = seen.labels[-1] if seen.labels else "x"
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
            with self.x.collecting():
                if port.name.text in seen.spans:
                    raise error(
                        "E0202", f"port `{port.name.text}` is declared twice", port.span, "the second declaration",
                        labels=declared_label("first declared here", seen.spans.get(port.name.text)),
                    )  # fmt: skip
                seen.spans[port.name.text] = port.span
                seen.failed.add(port.name.text)
                if port.state:
                    raise missing("`state` ports", port.span)
                made.append(sk.Port(port.name.text, levels(self.x, port.levels, self.ctx) if port.levels else None))
                seen.port(made[-1])
                seen.failed.discard(port.name.text)
        if not self.declared.ports:
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
                    raise error(
                    "E0308", f"{self.declared.kind} `{self.declared.name.text}` has two outputs", item.span,
                    "the second `out`", labels=declared_label("the first", self.output.span),
                )  # fmt: skip
                self.output = self.out(item, seen)
            case tree.Require():
                raise missing("`require`", item.span)

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
                "the second declaration", labels=declared_label("first declared here", first),
            )  # fmt: skip
        seen.spans[name] = item.name.span
        seen.failed.add(name)
        count = 1
        if item.count is not None:
            if isinstance(item.count, tree.Range | tree.Choice):
                raise missing("a choice of the number of nodes", item.count.span)
            count = integer(self.x, item.count, self.ctx, 1, MOST_ELEMENTS, "the number of nodes")
        made = []
        seen.failed.discard(name)
        seen.current = name
        labels = [name if item.count is None else f"{name}[{i}]" for i in range(count)]
        try:
            for i, label in enumerate(labels):
                self.x.count_step(item.name.span)
                node = NodeExpanding(self, item, seen, label, i, count).node()
                # Added after its clauses were read: a node does not see itself.
                seen.add(name, label)
                made.append(node)
        except NasdslError:
            # Its readers are not to blame: they shall find what they name.
            for label in labels[len(made) :]:
                seen.add(name, label)
            raise
        finally:
            seen.current = ""
        return made

    def out(self, item: tree.Out, seen: Visible) -> sk.Out:
        value, x = item.value, self.x
        if item.by is not None:
            if item.by.text != "level":
                raise error(
                    "E0309", f"`out` can be `by level`, not `by {item.by.text}`", item.by.span, helps=("by level",)
                )
            return sk.Out(values(x, value, self.ctx, seen), None, True, item.span)
        if isinstance(value, tree.Call) and value.name.text == "last" and len(value.args) == 1:
            members = values(x, value.args[0].value, self.ctx, seen)[-1:]
            return sk.Out(members, None, False, item.span)
        if isinstance(value, tree.Call):
            merge = merge_step(x, tree.Ref(value.name.span, value.name.text), self.ctx, Slot(), "")
            if len(value.args) != 1 or value.args[0].name is not None:
                shown = ", ".join(map(text, value.args))
                raise error(
                    "E0310", f"`{value.name.text}` joins one set of values here", value.span, "a list is one set",
                    helps=(f"out {value.name.text}([{shown}])",) if shown else (f"out {value.name.text}(earlier)",),
                )  # fmt: skip
            joined = self.joined(value.args[0].value, seen)
            if not isinstance(joined, sk.Unread) and not joined:
                raise error("E0303", f"`{text(value.args[0].value)}` is empty at `out`", value.args[0].span)
            counted(merge, None if isinstance(joined, sk.Unread) else len(joined), value.span)
            return sk.Out(joined, merge, False, item.span)
        if isinstance(value, tree.Choice | tree.OneOf):
            raise missing("a choice of outputs", value.span)
        members = values(x, value, self.ctx, seen)
        if len(members) != 1:
            raise error(
                "E0311", f"`out` delivers one value, `{text(value)}` holds {len(members)}", value.span,
                helps=(f"out last({text(value)})", f"out concat({text(value)})") if members else (),
            )  # fmt: skip
        return sk.Out(members, None, False, item.span)

    def joined(self, expr: tree.Expr, seen: Visible) -> sk.Unread | tuple[int, ...]:
        """The set inside a merge: `unused`, `unused(b)`, or values."""
        if isinstance(expr, tree.Ref) and expr.name == "unused":
            return sk.Unread(seen.earlier)
        if isinstance(expr, tree.Call) and expr.name.text == "unused":
            if len(expr.args) != 1:
                raise error("E0310", "`unused` takes one array of nodes", expr.span, helps=("unused", "unused(n)"))
            return sk.Unread(values(self.x, expr.args[0].value, self.ctx, seen))
        return values(self.x, expr, self.ctx, seen)
