"""Cells and motifs: ports, nodes with their clauses, alignment and output."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nasdsl.compiler.alignment import default_alignment
from nasdsl.compiler.candidates import array_size
from nasdsl.compiler.expansion import Context, Expansion, Owner, Slot, declared_label
from nasdsl.compiler.merges import counted
from nasdsl.compiler.names import Definition
from nasdsl.compiler.nodes import NodeExpanding
from nasdsl.compiler.quantities import counts, number
from nasdsl.compiler.requires import expanded
from nasdsl.compiler.sets import Visible, levels, values
from nasdsl.compiler.steps import merge_step, step
from nasdsl.compiler.templates import either
from nasdsl.diagnostics import InternalError, NasdslError, error
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.gates import Depth
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
    requires: list[sk.Test] = field(default_factory=list)

    def graph(self) -> sk.Graph:
        declared, x = self.declared, self.x
        parameters: list[tuple[str, sk.Number]] = []
        for p in declared.parameters:
            if p.default is not None:
                # It may be calculated from the parameters before it.
                parameters.append((p.name.text, number(x, p.default, self.ctx, None, "")))
            self.ctx = replace(self.ctx, symbols=self.ctx.symbols | {p.name.text})
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
        if not self.aligns and sum(not p.state for p in ports) == 2 and ports[0].levels is None:
            self.aligns.append(default_alignment(x))
        return sk.Graph(
            self.key, declared.kind, ports, tuple(parameters), tuple(self.aligns), tuple(self.made), self.output,
            tuple(seen.labels), declared.name.span, tuple(self.requires), any(node.shared for node in self.made),
        )  # fmt: skip

    def ports(self, seen: Visible) -> tuple[sk.Port, ...]:
        made: list[sk.Port] = []
        for port in self.declared.ports:
            with self.x.collecting():
                if port.name.text in seen.spans:
                    raise error(
                        "E0202", f"port `{port.name.text}` is declared twice", port.span, "the second declaration",
                        labels=declared_label("first declared here", seen.spans.get(port.name.text)),
                    )  # fmt: skip
                seen.spans[port.name.text] = port.span
                seen.failed.add(port.name.text)
                if port.state and any(p.state for p in made):
                    raise error(
                        "E0331", f"{self.declared.kind} `{self.declared.name.text}` has two states", port.span,
                        "the second", notes=("a state is the cell's own `out`, of which there is one",),
                    )  # fmt: skip
                of_levels = levels(self.x, port.levels, self.ctx) if port.levels else None
                made.append(sk.Port(port.name.text, of_levels, port.state, port.span))
                seen.port(made[-1])
                seen.failed.discard(port.name.text)
        if made and all(port.state for port in made):
            raise error(
                "E0331", f"{self.declared.kind} `{self.declared.name.text}` reads only its own state",
                self.declared.ports[0].span, "no port beside it",
                helps=(f"{self.declared.kind} {self.declared.name.text}(x, state {made[0].name}) {{ ... }}",),
            )  # fmt: skip
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
                self.requires += expanded(self.x, item, self.ctx, "graph", self.key)

    def align(self, item: tree.Align, index: int) -> sk.Align:
        value, native = item.value, False
        if isinstance(value, tree.Ref) and value.name == "native":
            native = True
        elif isinstance(value, tree.Call) and value.name.text == "native" and len(value.args) == 1:
            native, value = True, value.args[0].value
        if native and item.where == "ports":
            helps = ("align reads needed native",)
            raise error("E0327", "a port has no operation that could align it", item.span, "native", helps=helps)
        if native and value is item.value:
            return sk.Align(item.where, item.when, default_alignment(self.x).step, native)
        slot = Slot()
        made = step(self.x, value, self.ctx, slot, f"{self.key}.align[{index}]")
        self.owner.assignments(slot.decisions)
        return sk.Align(item.where, item.when, made, native)

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
        numbers = self.lengths(item)
        count = numbers[-1]
        path = self.x.claim(f"{self.key}.{name}", "length") if len(numbers) > 1 else None
        made = []
        seen.failed.discard(name)
        seen.current = name
        seen.begun[name] = len(seen.labels)
        labels = [name if item.count is None else f"{name}[{i}]" for i in range(count)]
        before, rounds = len(self.owner.entries), []
        try:
            for i, label in enumerate(labels):
                self.x.count_step(item.name.span)
                within = sk.Within(path, i) if path is not None and i >= numbers[0] else None
                node = NodeExpanding(self, item, seen, label, i, count, path, within).node()
                # Added after its clauses were read: a node does not see itself.
                seen.add(name, label)
                made.append(node)
                if path is not None:
                    rounds.append(tuple(self.owner.entries[before:]))
                    del self.owner.entries[before:]
        except NasdslError:
            # Its readers are not to blame: they shall find what they name.
            for label in labels[len(made) :]:
                seen.add(name, label)
            raise
        finally:
            seen.current = ""
        if path is not None:
            assert item.count is not None
            self.owner.assignments([Depth(path, numbers, tuple(rounds), item.count.span)])
            seen.least[name] = numbers[0]
        return made

    def lengths(self, item: tree.Node) -> tuple[int, ...]:
        """How many elements a node has: several numbers where its length is open."""
        if item.count is None:
            return (1,)
        numbers = counts(self.x, item.count, self.ctx, "the number of nodes")
        if numbers[-1] == 0:
            raise error("E0205", "the number of nodes is at least 1, not 0", item.count.span)
        return numbers

    def out(self, item: tree.Out, seen: Visible) -> sk.Out:
        value, x = item.value, self.x
        if item.by is not None:
            if item.by.text != "level":
                raise error(
                    "E0309", f"`out` can be `by level`, not `by {item.by.text}`", item.by.span, helps=("by level",)
                )
            return sk.Out(values(x, value, self.ctx, seen), None, True, item.span)
        if isinstance(value, tree.Call) and value.name.text == "last" and len(value.args) == 1:
            members = values(x, value.args[0].value, self.ctx, seen)
            if not members:
                raise error("E0303", f"`{text(value.args[0].value)}` is empty at `out`", value.args[0].span)
            return sk.Out(seen.last(members), None, False, item.span)
        if isinstance(value, tree.Call):
            merge = merge_step(x, tree.Ref(value.name.span, value.name.text), self.ctx, Slot(), "")
            if len(value.args) != 1 or value.args[0].name is not None:
                shown = ", ".join(text(arg.value) for arg in value.args if arg.name is None)
                raise error(
                    "E0310", f"`{value.name.text}` joins one set of values here", value.span, "a list is one set",
                    helps=(f"out {value.name.text}({f'[{shown}]' if ', ' in shown else shown or 'earlier'})",),
                )  # fmt: skip
            joined = self.joined(value.args[0].value, seen)
            if not isinstance(joined, sk.Unread) and not joined:
                raise error("E0303", f"`{text(value.args[0].value)}` is empty at `out`", value.args[0].span)
            counted(merge, None if isinstance(joined, sk.Unread) else len(joined), value.span)
            return sk.Out(joined, merge, False, item.span)
        if isinstance(value, tree.Choice | tree.OneOf):
            raise error(
                "E0311", "`out` delivers one value, and no decision says which", value.span, "a choice",
                helps=(f"node o {{ from {text(value)} }}", "and: out o"),
            )  # fmt: skip
        members = values(x, value, self.ctx, seen)
        if len(members) != 1:
            raise error(
                "E0311", f"`out` delivers one value, `{text(value)}` holds {len(members)}", value.span,
                helps=(f"out last({text(value)})", f"out concat({text(value)})") if members else (),
            )  # fmt: skip
        return sk.Out(members, None, False, item.span)

    def joined(self, expr: tree.Expr, seen: Visible) -> sk.Unread | tuple[int, ...]:
        """The set inside a merge: `unused`, `unused(b)`, or values."""
        unread = self.unread(expr, seen)
        return values(self.x, expr, self.ctx, seen) if unread is None else unread

    def unread(self, expr: tree.Expr, seen: Visible) -> sk.Unread | None:
        """`unused` or `unused(b)`, also behind `all of`; None where it is another set."""
        if isinstance(expr, tree.AllOf):
            return self.unread(expr.members, seen)
        if isinstance(expr, tree.Ref) and expr.name == "unused":
            return sk.Unread(seen.earlier)
        if isinstance(expr, tree.Call) and expr.name.text == "unused":
            if len(expr.args) != 1:
                raise error("E0310", "`unused` takes one array of nodes", expr.span, helps=("unused", "unused(n)"))
            return sk.Unread(values(self.x, expr.args[0].value, self.ctx, seen))
        return None
