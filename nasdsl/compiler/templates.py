"""Names that stand for more than an operation: what a `let` or a parameter holds, and templates given arguments."""

from __future__ import annotations

from collections.abc import Iterator

from nasdsl.compiler.candidates import Member, members
from nasdsl.compiler.expansion import Context, Expansion, Held, Slot, Template, TemplateChoice
from nasdsl.compiler.overlap import apart
from nasdsl.compiler.quantities import number, shared, told, weighed
from nasdsl.diagnostics import error
from nasdsl.ops.primitive import Primitive
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text


def either(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str) -> Held:
    """What a `let` or an argument holds: a number, an operation or a template, whichever its alternatives are."""
    from nasdsl.compiler.steps import step

    # A parameter whose kind its body has yet to show tells nothing.
    first, home = next(
        ((e, c) for e, c in _ends(x, expr, ctx) if not (isinstance(e, tree.Ref) and c.open(e.name))), (expr, ctx)
    )
    if isinstance(first, tree.Number | tree.String | tree.Binary | tree.Range):
        return number(x, expr, ctx, slot, path)
    if isinstance(first, tree.Ref):
        held = named(x, first, home)
        if isinstance(held, sk.Number):
            return number(x, expr, ctx, slot, path)
        if isinstance(held, Template | TemplateChoice):
            return templates(x, expr, ctx, slot, path)
    return step(x, expr, ctx, slot, path)


def _ends(x: Expansion, expr: tree.Expr, ctx: Context) -> Iterator[Member]:
    """The alternatives of choices and lists, one inside the other."""
    match expr:
        case tree.Choice():
            for alternative in expr.alternatives:
                yield from _ends(x, alternative, ctx)
        case tree.Weighted():
            yield from _ends(x, expr.value, ctx)
        case tree.List():
            if not expr.items:
                raise error("E0214", "an empty list offers nothing to choose", expr.span)
            for item in expr.items:
                if isinstance(item, tree.Spread):
                    yield from members(x, tree.List(expr.span, (item,)), ctx)
                else:
                    yield from _ends(x, item, ctx)
        case tree.OneOf(members=tree.Ref() | tree.Except()):
            yield from members(x, expr.members, ctx)
        case tree.OneOf():
            yield from _ends(x, expr.members, ctx)
        case _:
            yield expr, ctx


def named(x: Expansion, ref: tree.Ref, ctx: Context) -> Held | None:
    """What a name holds where that is a number or a template; None for what is used as it is."""
    if ref.name in ctx.lets:
        return ctx.lets[ref.name]
    if ref.name in ctx.symbols or ref.name in ("in", "width", "stride"):
        return sk.Symbol(ref.name)
    found = ctx.scope.find(ref.name, ref.span)
    match found.what:
        case tree.Param() | tree.Hyper():
            return sk.Const(0)
        case tree.Let():
            return shared(x, found.what, Context(found.home))
        case tree.Block() if any(p.default is None for p in found.what.parameters):
            return Template(ref.name, found)
        case Primitive() if any(p.required for p in found.what.parameters):
            return Template(ref.name, found)
    return None


def templates(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str) -> Template | TemplateChoice:
    """A template, or a choice among templates; E0251 for an alternative that is none."""
    match expr:
        case tree.Choice():
            return _chosen(x, expr, [(e, ctx) for e in expr.alternatives], slot, path)
        case tree.OneOf():
            return _chosen(x, expr, members(x, expr.members, ctx), slot, path)
        case tree.Ref():
            held = named(x, expr, ctx)
            if isinstance(held, Template | TemplateChoice):
                return held
    raise error(
        "E0251", f"`{text(expr)}` is no block that needs arguments, as the other alternatives are", expr.span,
        notes=("alternatives are all operations, or all blocks that are given their arguments later",),
    )  # fmt: skip


def _chosen(x: Expansion, expr: tree.Expr, options: list[Member], slot: Slot, path: str) -> TemplateChoice:
    held, written, weights = [], [], []
    path = x.claim(path, slot.name)
    for member, ctx in options:
        inner = Slot(slot.name)
        option, weight = weighed(x, member, ctx)
        held.append(templates(x, option, ctx, inner, path))
        written.append(inner.written(option))
        weights.append(weight)
    apart([member for member, _ in options], written)
    slot.add(expr, Choice(path, tuple(written), expr.span, told(weights)))
    return TemplateChoice(path, tuple(held))


def applied(x: Expansion, held: Held, call: tree.Call, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """`skip(conv)`: what a name holds, given its arguments. These are decided once, whichever template is chosen."""
    from nasdsl.compiler.steps import use

    if isinstance(held, Template):
        return use(x, held.found, held.name, call.args, call.span, ctx, slot, path)
    if not isinstance(held, TemplateChoice):
        what = "a number" if isinstance(held, sk.Number) else "an operation"
        raise error("E0251", f"`{call.name.text}` is {what} and takes no arguments", call.span, helps=(call.name.text,))
    args: list[tree.Arg] = []
    names = _parameters(held)
    for i, arg in enumerate(call.args):
        if not isinstance(arg.value, tree.Ref):
            key = text(arg.value)
            name = arg.name.text if arg.name else names[i] if i < len(names) else str(i)
            ctx = ctx.with_let(key, either(x, arg.value, ctx, slot, f"{path}.{name}"))
            arg = arg.but(value=tree.Ref(arg.value.span, key))
        args.append(arg)
    given = call.but(args=tuple(args))
    return _switched(x, held, given, ctx, path)


def _parameters(held: Template | TemplateChoice) -> list[str]:
    """The parameters of the first of several templates, whose names are in the paths of what its arguments decide."""
    while isinstance(held, TemplateChoice):
        held = held.alternatives[0]
    what = held.found.what
    if isinstance(what, tree.Block):
        return [p.name.text for p in what.parameters]
    return [p.name for p in what.parameters if p.name != "width"] if isinstance(what, Primitive) else []


def _switched(x: Expansion, held: Template | TemplateChoice, call: tree.Call, ctx: Context, path: str) -> sk.Step:
    """The choice among templates made earlier, with the arguments given here."""
    if isinstance(held, TemplateChoice):
        steps = tuple(_switched(x, each, call, ctx, path) for each in held.alternatives)
        return sk.Switch(held.path, steps, call.span, any(s.sets_width for s in steps))
    slot = Slot(held.name)
    made = applied(x, held, call, ctx, slot, path)
    if slot.decisions:
        # It would be there only where a choice elsewhere takes this template, and decisions form a tree.
        raise error(
            "E0253", f"`{held.name}` decides something of its own, and is one of several in `{call.name.text}`",
            call.span, notes=(f"it decides `{slot.decisions[0].path}`", "blocks that are chosen first and given "
            "arguments later decide nothing themselves; decide it in an argument"),
        )  # fmt: skip
    return made
