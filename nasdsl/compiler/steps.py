"""Steps: operations, blocks, graphs in use, and the choices among them."""

from __future__ import annotations

from nasdsl.compiler.arguments import bind
from nasdsl.compiler.blocks import block_use, filled, placeholder
from nasdsl.compiler.candidates import Member, array_size, members
from nasdsl.compiler.expansion import (
    Context,
    Expansion,
    Held,
    Kind,
    Slot,
    Template,
    TemplateChoice,
    declared_label,
)
from nasdsl.compiler.merges import no_merge
from nasdsl.compiler.names import KINDS, Definition
from nasdsl.compiler.overlap import apart
from nasdsl.compiler.quantities import integer, shared, told, weighed, weightless
from nasdsl.compiler.templates import applied
from nasdsl.diagnostics import NasdslError, error
from nasdsl.ops.primitive import Primitive
from nasdsl.ops.registry import get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice
from nasdsl.space.gates import Gates
from nasdsl.space.group import Written
from nasdsl.syntax import tree
from nasdsl.syntax.elsewhere import instead
from nasdsl.syntax.printer import text


def step(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """The step an expression stands for; its open choices go to the slot."""
    x.count_step(expr.span)
    match expr:
        case tree.Choice():
            return _switch(x, expr, [(e, ctx) for e in expr.alternatives], slot, path)
        case tree.OneOf():
            return _switch(x, expr, members(x, expr.members, ctx), slot, path)
        case tree.Weighted():
            raise weightless(expr)
        case tree.Ref():
            return _named(x, expr, ctx, slot, path)
        case tree.Call():
            return _called(x, expr, ctx, slot, path)
        case tree.Index():
            found = ctx.scope.find(expr.name.text, expr.name.span)
            return element(x, found, expr, ctx)
        case tree.SomeOf():
            raise error(
                "E0325", "`some of` is a set of parallel edges, and stands only behind `op`", expr.span,
                helps=("one of " + text(expr.members),),
            )  # fmt: skip
        case tree.Fresh():
            raise error(
                "E0220", "`fresh` stands alone, as a step of a net or behind `=`", expr.span,
                helps=("declare it: cell other = " + text(expr),),
            )  # fmt: skip
    raise error("E0213", f"an operation is expected here, not `{text(expr)}`", expr.span, helps=instead(expr))


def _named(x: Expansion, expr: tree.Ref, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """What a name holds in the body, or stands for in the scope."""
    if expr.name in ctx.lets:
        return finished(x, expr.name, ctx.lets[expr.name], expr.span)
    if expr.name in ctx.symbols:
        return parameter_used(expr.name, "operation", expr.span, ctx)
    return use(x, ctx.scope.find(expr.name, expr.span), expr.name, (), expr.span, ctx, slot, path)


def _called(x: Expansion, expr: tree.Call, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """The same, with arguments."""
    name = expr.name.text
    if name in ctx.lets:
        return applied(x, ctx.lets[name], expr, ctx, slot, path)
    if name in ctx.symbols:
        return parameter_used(name, "template", expr.name.span, ctx)
    return use(x, ctx.scope.find(name, expr.name.span), name, expr.args, expr.span, ctx, slot, path)


def finished(x: Expansion, name: str, held: Held, span: Span, declared: Span | None = None) -> sk.Step:
    """The operation that a name holds; E0213 for a number, E0251 for what still needs arguments."""
    if isinstance(held, sk.Number):
        labels = declared_label("declared here", declared)
        raise error("E0213", f"`{name}` is a number; an operation is expected here", span, labels=labels)
    if isinstance(held, Template | TemplateChoice):
        raise error(
            "E0251",
            f"`{name}` still needs arguments",
            span,
            "an operation is expected here",
            helps=(filled(x, name, held, span),),
        )
    return held


def parameter_used(name: str, kind: Kind, span: Span, ctx: Context) -> sk.Step:
    """A parameter where an operation is expected: in a block its argument will stand there."""
    if not ctx.open(name):
        raise error("E0213", f"`{name}` is a number; an operation is expected here", span)
    ctx.used(name, kind, span)
    return placeholder(span)


def _switch(x: Expansion, expr: tree.Expr, options: list[Member], slot: Slot, path: str) -> sk.Step:
    if not options:
        raise error("E0214", "there is nothing to choose from", expr.span, "no alternatives")
    path = x.claim(path, slot.name)
    steps, written, weights = _options(x, options, path)
    slot.add(expr, Choice(path, tuple(written), expr.span, told(weights)))
    return sk.Switch(path, tuple(steps), expr.span, any(s.sets_width for s in steps))


def _options(x: Expansion, options: list[Member], path: str) -> tuple[list[sk.Step], list[Written], list[float]]:
    """The steps of alternatives, how each is written, and its weight; E0215 for one that is offered twice."""
    steps, written, weights = [], [], []
    with x.together():
        for member, ctx in options:
            inner = Slot(_name_of(member))
            with x.collecting():
                option, weight = weighed(x, member, ctx)
                steps.append(step(x, option, ctx, inner, path))
                written.append(inner.written(option))
                weights.append(weight)
    apart([option for option, _ in options], written)
    return steps, written, weights


def some_of(x: Expansion, expr: tree.SomeOf, ctx: Context, slot: Slot, path: str) -> sk.Parallel:
    """`op some of S`: any of the operations, each on an edge of its own."""
    path = x.claim(path, slot.name)
    steps, written, weights = _options(x, members(x, expr.members, ctx), path)
    if not steps:
        raise error("E0214", "there is nothing to choose from", expr.span, "no alternatives")
    slot.add(expr, Gates(path, tuple(written), span=expr.span, weights=told(weights)))
    return sk.Parallel(path, tuple(steps), expr.span, any(s.sets_width for s in steps))


def _name_of(expr: tree.Expr) -> str:
    """The name of what an alternative uses."""
    match expr:
        case tree.Ref():
            return expr.name
        case tree.Call() | tree.Index():
            return expr.name.text
        case tree.Weighted():
            return _name_of(expr.value)
    return "choice"


def element(x: Expansion, found: Definition, expr: tree.Index, ctx: Context) -> sk.Step:
    """`small[3]` as an operation."""
    from nasdsl.compiler.graphs import instance

    what = found.what
    if not isinstance(what, tree.Graph) or what.count is None:
        raise error(
            "E0216", f"`{expr.name.text}` is {KINDS[type(what)]}, not an array", expr.name.span, "has no elements",
            labels=declared_label("declared here", found.span), helps=(expr.name.text,),
        )  # fmt: skip
    size = array_size(x, what, Context(found.home))
    index = integer(x, expr.index, ctx, 0, size - 1, f"an index of `{expr.name.text}`")
    key = instance(x, found, index, at=expr.span)
    return sk.UseGraph(key, (), expr.span, x.graphs[key].sets_width)


def use(
    x: Expansion, found: Definition, name: str, args: tuple[tree.Arg, ...], span: Span, ctx: Context, slot: Slot,
    path: str,
) -> sk.Step:  # fmt: skip
    """One use of what a name stands for."""
    what = found.what
    match what:
        case Primitive():
            return primitive(x, what, args, span, ctx, slot, path)
        case tree.Block():
            return block_use(x, found, what, args, span, ctx, slot, path)
        case tree.Graph() | tree.Alias():
            return _graph(x, found, name, args, span, ctx, slot, path)
        case tree.Let():
            held = shared(x, what, Context(found.home))
            if args:
                call = tree.Call(span, tree.Identifier(span, name), args)
                return applied(x, held, call, ctx, slot, path)
            return finished(x, name, held, span, found.span)
    helps = (f"one of {name}",) if isinstance(what, tree.Ops) else ()
    raise error(
        "E0213", f"`{name}` is {KINDS[type(what)]}; an operation is expected here", span,
        labels=declared_label("declared here", found.span), helps=helps,
    )  # fmt: skip


def primitive(
    x: Expansion, what: Primitive, args: tuple[tree.Arg, ...], span: Span, ctx: Context, slot: Slot, path: str
) -> sk.Step:
    known = [(p.name, p.required) for p in what.parameters if p.name != "width"]
    named = ("width",) if what.sets_width else ()
    bound, _ = bind(x, what.name, known, args, span, ctx, slot, path, named)
    for key, value in bound:
        rule = what.parameter(key)
        least = 1 if key == "width" else rule.least if rule else None
        if isinstance(value, sk.Const) and least is not None:
            given = value.value
            if not isinstance(given, int | float) or given < least:
                raise error("E0205", f"`{key}` of `{what.name}` is at least {least}, not `{given}`", span)
    strided = what.parameter("stride") is not None or what.name in ("identity", "none")
    return sk.Apply(what.name, bound, span, what.sets_width, strided)


def _graph(
    x: Expansion, found: Definition, name: str, args: tuple[tree.Arg, ...], span: Span, ctx: Context, slot: Slot,
    path: str,
) -> sk.Step:  # fmt: skip
    from nasdsl.compiler.graphs import instance

    what = found.what
    if isinstance(what, tree.Graph):
        if what.count is not None:
            raise error(
                "E0217", f"`{name}` is an array of {what.kind}s", span, "which one?",
                helps=(f"{name}[0]", f"one of [*{name}]"),
            )  # fmt: skip
        key, header = instance(x, found, None, at=span), what
        preset: sk.NamedNumbers = ()
    else:
        assert isinstance(what, tree.Alias)
        key, preset, header = _alias(x, found, what)
    known = [(p.name.text, p.default is None) for p in header.parameters]
    bound, _ = bind(x, name, known, args, span, ctx, slot, path, ("width", "stride"))
    given = {k for k, _ in bound}
    every = bound + tuple((k, v) for k, v in preset if k not in given)
    return sk.UseGraph(key, every, span, x.graphs[key].sets_width or "width" in dict(every))


def _alias(x: Expansion, found: Definition, alias: tree.Alias) -> tuple[str, sk.NamedNumbers, tree.Graph]:
    """The graph an alias stands for: a fresh copy under its own name, or the same graph with arguments set."""
    from nasdsl.compiler.graphs import instance

    home = Context(found.home)
    value = alias.value.value if isinstance(alias.value, tree.Fresh) else alias.value
    if isinstance(value, tree.Index):
        target = found.home.find(value.name.text, value.name.span)
        made = element(x, target, value, home)
        assert isinstance(made, sk.UseGraph)
        assert isinstance(target.what, tree.Graph)
        return made.graph, (), target.what
    name = value.name if isinstance(value, tree.Ref) else value.name.text
    target = found.home.find(name, value.span if isinstance(value, tree.Ref) else value.name.span)
    if not isinstance(target.what, tree.Graph) or target.what.count is not None:
        raise uncopied(name, target, value.span)
    if isinstance(alias.value, tree.Fresh):
        key = instance(x, target, None, x.named(alias.name.text, found.home), alias.span)
    else:
        key = instance(x, target, None)
    known = [(p.name.text, p.default is None) for p in target.what.parameters]
    args = value.args if isinstance(value, tree.Call) else ()
    slot = Slot()
    bound, _ = bind(x, name, known, args, value.span, home, slot, alias.name.text, ("width", "stride"))
    if slot.decisions:
        raise error("E0207", "the arguments of a declared copy are fixed numbers", value.span, "an open choice")
    return key, bound, target.what


def uncopied(name: str, found: Definition, span: Span) -> NasdslError:
    what = KINDS[type(found.what)]
    if isinstance(found.what, tree.Graph):
        what = f"an array of {found.what.kind}s"
    return error(
        "E0218", f"`{name}` is {what}; a single cell or motif is expected here", span, "cannot be copied",
        labels=declared_label("declared here", found.span),
    )  # fmt: skip


def merge_step(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """A merge, or a choice among merges; E0301 where an operation stands in its place."""
    for member in expr.alternatives if isinstance(expr, tree.Choice) else (expr,):
        option = member.value if isinstance(member, tree.Weighted) else member
        if isinstance(option, tree.Ref) and ctx.open(option.name):
            ctx.used(option.name, "operation", option.span)
            return sk.Apply("add", (), option.span)
        if isinstance(option, tree.Ref | tree.Call) and not (isinstance(option, tree.Ref) and option.name in ctx.lets):
            name = option.name if isinstance(option, tree.Ref) else option.name.text
            what = ctx.scope.find(name, option.span).what
            if not isinstance(what, tree.Let) and not (isinstance(what, Primitive) and what.role == "merge"):
                raise no_merge(option.span)
    made = step(x, expr, ctx, slot, path)
    for taken in made.alternatives if isinstance(made, sk.Switch) else (made,):
        if not isinstance(taken, sk.Apply) or get(taken.primitive).role != "merge":
            raise no_merge(expr.span if taken.span.source.library else taken.span)
    return made
