"""Constraints: `require params <= 6M and edges >= 1` to the comparisons of a net, a graph or a node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from nasdsl.compiler.expansion import Context, Expansion, Slot, declared_label
from nasdsl.compiler.measures import looked_at
from nasdsl.compiler.names import KINDS
from nasdsl.compiler.quantities import calculate, number
from nasdsl.compiler.steps import step
from nasdsl.diagnostics import NasdslError, did_you_mean, error, located
from nasdsl.ops.primitive import Primitive
from nasdsl.record import Record
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

Place = Literal["file", "graph", "node"]

# Where each measure can stand.
PLACES: dict[str, tuple[Place, ...]] = {
    "params": ("file",), "macs": ("file",), "edges": ("file", "graph", "node"), "nodes": ("file", "graph"),
    "depth": ("file", "graph"),
}  # fmt: skip


def expanded(x: Expansion, item: tree.Require, ctx: Context, place: Place, name: str) -> tuple[sk.Test, ...]:
    """The comparisons of one `require`; `name` is what it stands in, for errors."""
    made: list[sk.Test] = []
    with x.together():
        for test in item.tests:
            with x.collecting():
                left, right = (Side(x, ctx, place, name).number(e) for e in (test.left, test.right))
                made.append(sk.Test(test.op, left, right, test.span))
    return tuple(made)


class Side:
    """One side of a comparison while it is expanded."""

    def __init__(self, x: Expansion, ctx: Context, place: Place, name: str) -> None:
        self.x, self.ctx, self.place, self.name = x, ctx, place, name

    def number(self, expr: tree.Expr) -> sk.Number:
        match expr:
            case tree.Binary():
                return self.binary(expr)
            case tree.Call() if expr.name.text == "count":
                return self.count(expr)
            case tree.Call():
                raise error(
                    "E0801", f"`{expr.name.text}` is no measure", expr.span, "cannot be measured",
                    helps=(f"count({text(expr)})",),
                )  # fmt: skip
            case tree.Attribute():
                return self.width(expr)
            case tree.Ref() if not self.declared(expr.name):
                return self.measure(expr)
        made = number(self.x, expr, self.ctx, None, "")
        if isinstance(made, sk.Const) and not isinstance(made.value, int | float):
            raise error("E0206", f"a number is expected here, not `{text(expr)}`", expr.span)
        for symbol in symbols(made):
            raise error(
                "E0804", f"`{symbol}` may differ from use to use of `{self.name}`", expr.span, "not one number",
                notes=("a constraint holds for what is decided, and that is decided once for all uses",),
            )  # fmt: skip
        return made

    def declared(self, name: str) -> bool:
        return name in self.ctx.lets or name in self.ctx.symbols or name in self.ctx.scope.names

    def binary(self, expr: tree.Binary) -> sk.Number:
        left, right = self.number(expr.left), self.number(expr.right)
        if isinstance(left, sk.Const) and isinstance(right, sk.Const):
            try:
                return sk.Const(calculate(expr.op, left.value, right.value))  # type: ignore[arg-type]
            except NasdslError as mistake:
                raise located(mistake, expr.span) from None
        return sk.Arithmetic(expr.op, left, right)

    def measure(self, ref: tree.Ref) -> sk.Number:
        places = PLACES.get(ref.name, ("file",) if ref.name in self.plugged() else ())
        if self.place in places:
            return sk.Measure(ref.name)
        if places:
            raise self.misplaced(f"`{ref.name}`", ref.span, places, text(ref))
        known = [*PLACES, "count", *self.plugged(), *self.ctx.lets, *self.ctx.scope.names]
        helps = did_you_mean(ref.name, known)
        if "did you mean `count`?" in helps or ref.name == "count":
            helps = ("count(identity)",)
        offered = ", ".join([*PLACES, "count(...)", *self.plugged()])
        raise error(
            "E0801", f"`{ref.name}` is no measure and no number", ref.span, "cannot be measured",
            notes=(f"to measure there are {offered} and the widths of stages",),
            helps=helps,
        )  # fmt: skip

    def plugged(self) -> list[str]:
        """The measures of the plug-ins of this file."""
        imports = self.ctx.scope.imports
        return [m for plugin in imports.plugins.values() for m in plugin.measures] if imports is not None else []

    def misplaced(self, what: str, span: Span, places: Iterable[Place], shown: str) -> NasdslError:
        """E0802: a measure that this place does not have."""
        here = "a node" if self.place == "node" else "one cell"
        where = "the node" if self.place == "node" else "the cell"
        if "graph" in places:
            return error(
                "E0802", f"{what} is measured in a cell, not in a node", span, "in a node",
                helps=(f"put `require {shown} ...` behind the nodes of the cell",),
            )  # fmt: skip
        return error(
            "E0802", f"{what} is measured of a whole network, not of {here}", span, f"inside `{self.name}`",
            helps=(f"put `require {shown} ...` on a line of its own, outside of {where}",),
        )  # fmt: skip

    def count(self, call: tree.Call) -> sk.Number:
        """`count(identity)`, `count(sep_conv(3))`, `count(small)`."""
        if len(call.args) != 1 or call.args[0].name is not None:
            raise error("E0803", "`count` takes one operation", call.span, helps=("count(identity)",))
        expr = call.args[0].value
        if isinstance(expr, tree.Ref):
            found = self.ctx.scope.find(expr.name, expr.span)
            if isinstance(found.what, tree.Alias):
                return sk.Measure("count", text(expr), step(self.x, expr, self.ctx, Slot(), ""))
            if not isinstance(found.what, Primitive | tree.Block | tree.Graph):
                raise error(
                    "E0803", f"`{expr.name}` is {KINDS[type(found.what)]}; `count` takes an operation", expr.span,
                    "not an operation", labels=declared_label("declared here", found.span),
                )  # fmt: skip
            return sk.Measure("count", expr.name)
        if not isinstance(expr, tree.Call | tree.Index):
            raise error("E0803", f"`count` takes one operation, not `{text(expr)}`", expr.span, "not an operation")
        slot = Slot()
        use = step(self.x, expr, self.ctx, slot, "")
        if slot.decisions:
            raise error("E0803", f"`{text(expr)}` leaves a choice open, and is not one operation", expr.span,
                        helps=(f"count({expr.name.text})",))  # fmt: skip
        return sk.Measure("count", text(expr), use)

    def width(self, expr: tree.Attribute) -> sk.Number:
        """`a.width`: the width of a stage of the net."""
        label, attribute = expr.name.text, expr.attribute.text
        if attribute != "width":
            raise error(
                "E0801", f"`{text(expr)}` is no measure", expr.attribute.span, "a stage has a width",
                helps=(f"{label}.width",),
            )  # fmt: skip
        if self.place != "file":
            raise self.misplaced(f"`{text(expr)}`", expr.span, ("file",), text(expr))
        stages = dict(labelled(self.ctx.scope.file))
        if label not in stages:
            notes = (f"its stages are {', '.join(stages)}",) if stages else ("its stages have no names",)
            helps = did_you_mean(label, stages) or (() if stages else (f"stage {label} (width = 16) {{ ... }}",))
            raise error("E0801", f"the file has no stage `{label}`", expr.name.span, "unknown stage",
                        notes=notes, helps=helps)  # fmt: skip
        if not any(arg.name is None or arg.name.text == "width" for arg in stages[label].args):
            raise error(
                "E0801", f"stage `{label}` has no width of its own", expr.span, "nothing to compare",
                labels=declared_label("declared here", stages[label].span), helps=(f"stage {label} (width = 16)",),
            )  # fmt: skip
        return sk.Measure("width", label)


def labelled(file: tree.File) -> Iterator[tuple[str, tree.Stage]]:
    """The stages with a name, of all nets of a file."""
    for item in file.items:
        if isinstance(item, tree.Net):
            yield from ((p.name.text, p) for p in item.parts if isinstance(p, tree.Stage) and p.name is not None)


def symbols(part: object) -> Iterator[str]:
    """The names in a number that stand for another value at each use."""
    if isinstance(part, sk.Symbol):
        yield part.name
    elif isinstance(part, tuple):
        for each in part:
            yield from symbols(each)
    elif isinstance(part, Record):
        for name in part.told:
            yield from symbols(getattr(part, name))


def of_root(tests: Iterable[sk.Test], root: sk.Net | str) -> tuple[sk.Test, ...]:
    """The constraints of a net: those that name stages of other nets are not its own.

    E0804 where a stage that one names is as wide as what it receives.
    """
    widths = {s.stage: s.width for s in reversed(root.steps)} if isinstance(root, sk.Net) else {}
    kept = []
    for test in tests:
        named = [m.of for m in looked_at(test) if m.name == "width"]
        if not all(widths.get(label) is not None for label in named):
            continue
        for label in named:
            for symbol in symbols(widths[label]):
                raise error(
                    "E0804", f"the width of stage `{label}` depends on `{symbol}`, and is known in a network only",
                    test.span, "not one number", helps=("give the stage a width of its own",),
                )  # fmt: skip
        kept.append(test)
    return tuple(kept)
