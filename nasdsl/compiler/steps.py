"""Steps: operations, blocks, graphs in use, chains and the choices among them."""

from __future__ import annotations


from nasdsl.compiler.expansion import MOST_ELEMENTS, Context, Expansion, Slot, declared_label
from nasdsl.compiler.names import KINDS, Definition
from nasdsl.compiler.quantities import integer, integers, number, shared
from nasdsl.diagnostics import did_you_mean, error
from nasdsl.ops.primitive import Primitive
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

Member = tuple[tree.Expr, Context]


def step(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """The step an expression stands for; its open choices go to the slot."""
    x.count_step(expr.span)
    match expr:
        case tree.Choice():
            return _switch(x, expr, [(e, ctx) for e in expr.alternatives], slot, path)
        case tree.OneOf():
            return _switch(x, expr, members(x, expr.members, ctx), slot, path)
        case tree.Weighted():
            return step(x, expr.value, ctx, slot, path)
        case tree.Ref():
            if expr.name in ctx.lets:
                return _let(expr, ctx.lets[expr.name])
            return use(x, ctx.scope.find(expr.name, expr.span), expr.name, (), expr.span, ctx, slot, path)
        case tree.Call():
            found = ctx.scope.find(expr.name.text, expr.name.span)
            return use(x, found, expr.name.text, expr.args, expr.span, ctx, slot, path)
        case tree.Index():
            found = ctx.scope.find(expr.name.text, expr.name.span)
            return element(x, found, expr, ctx)
        case tree.SomeOf():
            raise error("E0290", "`some of` for operations is not part of this version", expr.span)
        case tree.Fresh():
            raise error(
                "E0220", "`fresh` stands alone, as a step of a net or behind `=`", expr.span,
                helps=("declare it: cell other = " + text(expr),),
            )  # fmt: skip
    raise error("E0213", f"an operation is expected here, not `{text(expr)}`", expr.span)


def either(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str) -> sk.Number | sk.Step:
    """What a `let` holds: a number or an operation, whichever its first alternative is."""
    first: tree.Expr | tree.Spread = expr
    while isinstance(first, tree.Choice | tree.OneOf | tree.Weighted | tree.List):
        match first:
            case tree.Choice():
                first = first.alternatives[0]
            case tree.OneOf():
                first = first.members
            case tree.Weighted():
                first = first.value
            case tree.List():
                if not first.items:
                    raise error("E0214", "an empty list offers nothing to choose", first.span)
                first = first.items[0]
    is_number = isinstance(first, tree.Number | tree.String | tree.Binary | tree.Range) or (
        isinstance(first, tree.Ref) and _names_number(x, first, ctx)
    )
    return number(x, expr, ctx, slot, path) if is_number else step(x, expr, ctx, slot, path)


def _names_number(x: Expansion, ref: tree.Ref, ctx: Context) -> bool:
    if ref.name in ctx.lets:
        return isinstance(ctx.lets[ref.name], sk.Number)
    if ref.name in ctx.symbols or ref.name in ("in", "width", "stride"):
        return True
    return isinstance(ctx.scope.find(ref.name, ref.span).what, tree.Param)


def _let(expr: tree.Ref, value: sk.Number | sk.Step) -> sk.Step:
    if isinstance(value, sk.Number):
        raise error("E0213", f"`{expr.name}` is a number; an operation is expected here", expr.span)
    return value


def _switch(x: Expansion, expr: tree.Expr, options: list[Member], slot: Slot, path: str) -> sk.Step:
    if not options:
        raise error("E0214", "there is nothing to choose from", expr.span, "no alternatives")
    steps, written = [], []
    for option, ctx in options:
        inner = Slot()
        steps.append(step(x, option, ctx, inner, path))
        written.append(inner.written(option))
    seen: dict[object, int] = {}
    for i, part in enumerate(written):
        if part.text in seen:
            raise error("E0215", f"`{text(options[i][0])}` is offered twice", options[i][0].span)
        seen[part.text] = i
    slot.add(expr, Choice(path, tuple(written), expr.span))
    return sk.Switch(path, tuple(steps), expr.span, any(s.sets_width for s in steps))


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
            removed = {text(e) for e, _ in members(x, expr.removed, ctx)}
            return [(e, c) for e, c in members(x, expr.members, ctx) if text(e) not in removed]
        case tree.Ref():
            return _spread(x, expr, ctx)
    raise error("E0213", f"a list of operations is expected here, not `{text(expr)}`", expr.span)


def _spread(x: Expansion, ref: tree.Ref, ctx: Context) -> list[Member]:
    found = ctx.scope.find(ref.name, ref.span)
    what = found.what
    if isinstance(what, tree.Ops):
        with x.inside(f"ops {ref.name}", ref.span):
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
    """`mbconv(k = each [3, 5])` stands for one alternative for each value."""
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
            calls = [_with_arg(call, i, item) for call in calls for item in items if not isinstance(item, tree.Spread)]
    return list(calls)


def _with_arg(call: tree.Call, index: int, value: tree.Expr) -> tree.Call:
    args = list(call.args)
    args[index] = args[index].but(value=value)
    return call.but(args=tuple(args))


def array_size(x: Expansion, graph: tree.Graph, ctx: Context) -> int:
    assert graph.count is not None
    return integer(x, graph.count, ctx, 1, MOST_ELEMENTS, "the size of an array")


def element(x: Expansion, found: Definition, expr: tree.Index, ctx: Context) -> sk.Step:
    """`small[3]` as an operation."""
    from nasdsl.compiler.graphs import instance

    what = found.what
    if not isinstance(what, tree.Graph) or what.count is None:
        raise error("E0216", f"`{expr.name.text}` is not an array", expr.name.span)
    size = array_size(x, what, Context(found.home))
    index = integer(x, expr.index, ctx, 0, size - 1, f"an index of `{expr.name.text}`")
    return sk.UseGraph(instance(x, found, index), (), expr.span)


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
            return _block(x, found, what, args, span, ctx, slot, path)
        case tree.Graph() | tree.Alias():
            return _graph(x, found, name, args, span, ctx, slot, path)
        case tree.Let():
            value = shared(x, what, Context(found.home))
            if not isinstance(value, sk.Number):
                return value
    helps = (f"one of {name}",) if isinstance(what, tree.Ops) else ()
    raise error(
        "E0213", f"`{name}` is {KINDS[type(what)]}; an operation is expected here", span,
        labels=declared_label("declared here", found.span), helps=helps,
    )  # fmt: skip


def bind(
    x: Expansion, name: str, known: list[tuple[str, bool]], args: tuple[tree.Arg, ...], span: Span, ctx: Context,
    slot: Slot, path: str, named_only: tuple[str, ...] = (),
) -> tuple[sk.NamedNumbers, tuple[str | None, ...]]:  # fmt: skip
    """Arguments by parameter name, in the order written; E0203 and E0204 where they do not fit the signature."""
    order = [p for p, _ in known]
    bound: dict[str, sk.Number] = {}
    shown: list[str | None] = []
    for i, arg in enumerate(args):
        if arg.name is None and i >= len(order):
            takes = f"takes {len(order)}: {', '.join(order)}" if order else "takes none"
            raise error("E0203", f"too many arguments for `{name}`", arg.value.span, f"`{name}` {takes}")
        key = arg.name.text if arg.name else order[i]
        where = arg.name.span if arg.name else arg.value.span
        if key not in order and key not in named_only:
            raise error(
                "E0204", f"`{name}` has no parameter `{key}`", where, "unknown parameter",
                helps=did_you_mean(key, [*order, *named_only]),
            )  # fmt: skip
        if key in bound:
            raise error("E0204", f"`{key}` is given twice", where)
        bound[key] = number(x, arg.value, ctx, slot, f"{path}.{key}")
        shown.append(arg.name.text if arg.name else None)
    for key, required in known:
        if required and key not in bound:
            first = "" if not args else ", ..."
            raise error(
                "E0203", f"`{name}` needs `{key}`", span, "missing argument", helps=(f"{name}({key} = 3{first})",)
            )
    return tuple(bound.items()), tuple(shown)


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


def _block(
    x: Expansion, found: Definition, block: tree.Block, args: tuple[tree.Arg, ...], span: Span, ctx: Context,
    slot: Slot, path: str,
) -> sk.Step:  # fmt: skip
    name = block.name.text
    known = [(p.name.text, p.default is None) for p in block.parameters]
    bound, shown = bind(x, name, known, args, span, ctx, slot, path, ("width", "stride"))
    given = {key for key, _ in bound}
    inner = Context(found.home, frozenset(key for key, _ in known))
    defaults = tuple(
        (p.name.text, number(x, p.default, inner, slot, f"{path}.{p.name.text}"))
        for p in block.parameters
        if p.default is not None and p.name.text not in given
    )
    with x.inside(name, span):
        body = sk.Chain(tuple(s for s, _ in chain(x, block.body, inner, slot, path)), block.span)
    body = body.but(sets_width=any(s.sets_width for s in body.steps))
    own_stride = "stride" in {key for key, _ in known}
    return sk.Call(name, bound + defaults, shown, body, own_stride, span, body.sets_width)


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
        key, header = instance(x, found, None), what
        preset: sk.NamedNumbers = ()
    else:
        assert isinstance(what, tree.Alias)
        key, preset, header = _alias(x, found, what)
    known = [(p.name.text, p.default is None) for p in header.parameters]
    bound, _ = bind(x, name, known, args, span, ctx, slot, path, ("width", "stride"))
    given = {k for k, _ in bound}
    return sk.UseGraph(key, bound + tuple((k, v) for k, v in preset if k not in given), span)


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
    target = found.home.find(name, value.span)
    if not isinstance(target.what, tree.Graph) or target.what.count is not None:
        raise error("E0218", f"`{name}` is not a single cell or motif", value.span)
    if isinstance(alias.value, tree.Fresh):
        key = instance(x, target, None, alias.name.text, alias.span)
    else:
        key = instance(x, target, None)
    known = [(p.name.text, p.default is None) for p in target.what.parameters]
    args = value.args if isinstance(value, tree.Call) else ()
    slot = Slot()
    bound, _ = bind(x, name, known, args, value.span, home, slot, alias.name.text, ("width", "stride"))
    if slot.decisions:
        raise error("E0207", "the arguments of an alias are fixed numbers", value.span)
    return key, bound, target.what


def chain(x: Expansion, body: tree.Chain, ctx: Context, slot: Slot, path: str) -> list[tuple[sk.Step, str]]:
    """The steps of a chain with their paths; fixed repetitions are unrolled, each deciding afresh."""
    made: list[tuple[sk.Step, str]] = []
    counted = [s for s in body.steps if not isinstance(s, tree.Let | tree.Tap)]
    ordinal = 0
    for item in body.steps:
        if isinstance(item, tree.Let):
            name = item.name.text
            ctx = ctx.with_let(name, either(x, item.value, ctx, slot, f"{path}.{name}"))
            continue
        if isinstance(item, tree.Tap):
            raise error("E0290", "`tap` is not part of this version", item.span)
        here = path if len(counted) == 1 else f"{path}[{ordinal}]"
        ordinal += 1
        if isinstance(item, tree.Labelled):
            here, item = f"{path}.{item.name.text}", item.step
        made += _chain_step(x, item, ctx, slot, here)
    return made


def _chain_step(x: Expansion, item: tree.Step, ctx: Context, slot: Slot, path: str) -> list[tuple[sk.Step, str]]:
    match item:
        case tree.Repeat():
            if isinstance(item.count, tree.Range | tree.Choice | tree.OneOf):
                raise error("E0290", "a choice of depth is not part of this version", item.count.span)
            count = integer(x, item.count, ctx, 0, MOST_ELEMENTS, "the count of a `repeat`")
            return [s for i in range(count) for s in chain(x, item.body, ctx, slot, f"{path}[{i}]")]
        case tree.Branch():
            merge = merge_step(x, item.merge, ctx, slot, f"{path}.merge")
            chains = tuple(closed(x, c, ctx, slot, f"{path}[{i}]") for i, c in enumerate(item.chains))
            return [(sk.Branch(merge, chains, item.span, any(c.sets_width for c in chains)), path)]
        case tree.Shortcut():
            body = closed(x, item.body, ctx, slot, path)
            return [(sk.Shortcut(body, item.span, body.sets_width), path)]
        case tree.Labelled() | tree.Let() | tree.Tap():
            raise error("E0219", "a label names one step", item.span)
        case tree.Fresh():
            return [(_fresh(x, item, ctx, slot, path), path)]
    return [(step(x, item, ctx, slot, path), path)]


def _fresh(x: Expansion, item: tree.Fresh, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """`fresh normal` as a step: a copy of the graph's decisions under the step's own path."""
    from nasdsl.compiler.graphs import instance

    value = item.value
    name = value.name if isinstance(value, tree.Ref) else value.name.text
    found = ctx.scope.find(name, value.span)
    args = value.args if isinstance(value, tree.Call) else ()
    if isinstance(found.what, tree.Block):
        return use(x, found, name, args, value.span, ctx, slot, path)
    if not isinstance(found.what, tree.Graph) or found.what.count is not None:
        raise error("E0218", f"`{name}` is not a single cell or motif", value.span)
    key = instance(x, found, None, path, item.span)
    known = [(p.name.text, p.default is None) for p in found.what.parameters]
    bound, _ = bind(x, name, known, args, value.span, ctx, Slot(), path, ("width", "stride"))
    return sk.UseGraph(key, bound, item.span)


def closed(x: Expansion, body: tree.Chain, ctx: Context, slot: Slot, path: str) -> sk.Chain:
    steps = tuple(s for s, _ in chain(x, body, ctx, slot, path))
    return sk.Chain(steps, body.span, any(s.sets_width for s in steps))


def merge_step(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """A merge, or a choice among merges; E0301 where an operation stands in its place."""
    made = step(x, expr, ctx, slot, path)
    for option in made.alternatives if isinstance(made, sk.Switch) else (made,):
        if not isinstance(option, sk.Apply) or PRIMITIVES[option.primitive].role != "merge":
            raise error("E0301", f"`{text(expr)}` is not a merge", expr.span, helps=("merge add", "merge concat"))
    return made
