"""Lists of candidates: named, written in place, spread from arrays, and multiplied by `each`."""

from __future__ import annotations

from nasdsl.compiler.expansion import MOST_ELEMENTS, Context, Expansion, declared_label
from nasdsl.compiler.names import KINDS
from nasdsl.compiler.quantities import integer, integers
from nasdsl.diagnostics import error
from nasdsl.syntax import tree
from nasdsl.syntax.elsewhere import instead
from nasdsl.syntax.printer import text

Member = tuple[tree.Expr, Context]


def members(x: Expansion, expr: tree.Expr, ctx: Context) -> list[Member]:
    """The alternatives of a set of operations, each with the names around it."""
    match expr:
        case tree.List():
            found: list[Member] = []
            for item in expr.items:
                if isinstance(item, tree.Spread):
                    found += _spread(x, tree.Ref(item.name.span, item.name.text), ctx)
                else:
                    found += [(e, ctx) for e in _each(x, item, ctx)]
            return found
        case tree.Except():
            removed = {text(_bare(e)) for e, _ in members(x, expr.removed, ctx)}
            return [(e, c) for e, c in members(x, expr.members, ctx) if text(_bare(e)) not in removed]
        case tree.Ref():
            return _spread(x, expr, ctx)
    raise error("E0213", f"a list of operations is expected here, not `{text(expr)}`", expr.span, helps=instead(expr))


def _spread(x: Expansion, ref: tree.Ref, ctx: Context) -> list[Member]:
    found = ctx.scope.find(ref.name, ref.span)
    what = found.what
    x.count_step(ref.span)
    if isinstance(what, tree.Ops):
        with x.inside(x.named(ref.name, found.home), ref.span):
            return members(x, what.value, Context(found.home))
    if isinstance(what, tree.Graph) and what.count is not None:
        size = array_size(x, what, Context(found.home))
        name = tree.Identifier(ref.span, ref.name)
        return [(tree.Index(ref.span, name, tree.Number(ref.span, i)), ctx) for i in range(size)]
    raise error(
        "E0213", f"`{ref.name}` is {KINDS[type(what)]}, not a list", ref.span,
        labels=declared_label("declared here", found.span), helps=(f"one of [{ref.name}, ...]",),
    )  # fmt: skip


def _each(x: Expansion, expr: tree.Expr, ctx: Context) -> list[tree.Expr]:
    """`mbconv(k = each [3, 5])` stands for one alternative for each value, each with the weight of all."""
    if isinstance(expr, tree.Weighted):
        return [expr.but(value=e) for e in _each(x, expr.value, ctx)]
    if not isinstance(expr, tree.Call):
        return [expr]
    calls = [expr]
    for i, arg in enumerate(expr.args):
        if isinstance(arg.value, tree.EachOf):
            options = arg.value.members
            items = (
                list(options.items)
                if isinstance(options, tree.List)
                else [tree.Number(options.span, v) for v in integers(x, options, ctx)]
            )
            if len(calls) * len(items) > MOST_ELEMENTS:
                many = f"this stands for {len(calls) * len(items):,} alternatives, and {MOST_ELEMENTS:,} are the most"
                raise error("E0240", many, expr.span)
            calls = [_with_arg(call, i, item) for call in calls for item in items if not isinstance(item, tree.Spread)]
    return list(calls)


def _bare(expr: tree.Expr) -> tree.Expr:
    return expr.value if isinstance(expr, tree.Weighted) else expr


def _with_arg(call: tree.Call, index: int, value: tree.Expr) -> tree.Call:
    args = list(call.args)
    args[index] = args[index].but(value=value)
    return call.but(args=tuple(args))


def array_size(x: Expansion, graph: tree.Graph, ctx: Context) -> int:
    assert graph.count is not None
    return integer(x, graph.count, ctx, 1, MOST_ELEMENTS, "the size of an array")
