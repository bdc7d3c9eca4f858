"""Numbers: constants folded, choices collected, what is known only at a use left as an expression."""

from __future__ import annotations

from nasdsl.compiler.expansion import MOST_ELEMENTS, Context, Expansion, Slot
from nasdsl.diagnostics import error
from nasdsl.ops.primitive import Value
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

IMPLICIT = frozenset({"in", "width", "stride"})


def number(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot | None, path: str) -> sk.Number:
    """The number an expression stands for; without a slot an open choice is an error."""
    match expr:
        case tree.Number() | tree.String():
            return sk.Const(expr.value)
        case tree.Ref():
            return _name(x, expr, ctx)
        case tree.Binary():
            return _fold(expr, number(x, expr.left, ctx, slot, path), number(x, expr.right, ctx, slot, path))
        case tree.List() | tree.Range():
            return sk.Const(integers(x, expr, ctx))
        case tree.Choice() | tree.OneOf():
            return _choice(x, expr, ctx, slot, path)
        case tree.Weighted():
            return number(x, expr.value, ctx, slot, path)
    raise error("E0206", f"a number is expected here, not `{text(expr)}`", expr.span)


def _name(x: Expansion, expr: tree.Ref, ctx: Context) -> sk.Number:
    if expr.name in ctx.lets:
        value = ctx.lets[expr.name]
        if not isinstance(value, sk.Number):
            raise error("E0206", f"`{expr.name}` is an operation; a number is expected here", expr.span)
        return value
    if expr.name in ctx.symbols or expr.name in IMPLICIT:
        return sk.Symbol(expr.name)
    found = ctx.scope.find(expr.name, expr.span)
    if isinstance(found.what, tree.Param):
        return sk.Const(parameter(x, found.what, Context(found.home)))
    if isinstance(found.what, tree.Let):
        value = shared(x, found.what, Context(found.home))
        if isinstance(value, sk.Number):
            return value
    raise error("E0206", f"`{expr.name}` is not a number", expr.span)


def parameter(x: Expansion, param: tree.Param, ctx: Context) -> Value:
    """The value of a `param`, as given for this space or as written."""
    if ctx.scope is x.root and param.name.text in x.params:
        return x.params[param.name.text]
    with x.inside(f"param {param.name.text}", param.name.span):
        return constant(x, param.value, ctx)


def shared(x: Expansion, let: tree.Let, ctx: Context) -> sk.Number | sk.Step:
    """A `let` of the file: one decision, wherever it is used."""
    from nasdsl.compiler.steps import either

    key = (id(ctx.scope), let.name.text)
    if key not in x.lets:
        slot = Slot()
        x.lets[key] = either(x, let.value, ctx, slot, let.name.text)
        x.owner(let.name.text, let.span, ctx.scope).assignments(slot.decisions)
    return x.lets[key]


def _fold(expr: tree.Binary, left: sk.Number, right: sk.Number) -> sk.Number:
    if not (isinstance(left, sk.Const) and isinstance(right, sk.Const)):
        return sk.Arithmetic(expr.op, left, right)
    a, b = left.value, right.value
    if not (isinstance(a, int | float) and isinstance(b, int | float)):
        raise error("E0206", f"`{expr.op}` needs numbers on both sides", expr.span)
    if expr.op == "//" and b == 0:
        raise error("E0209", "division by zero", expr.right.span)
    return sk.Const(calculate(expr.op, a, b))


def calculate(op: str, a: int | float, b: int | float) -> int | float:
    """The arithmetic of the language; `//` rounds down."""
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    return a * b if op == "*" else a // b


def _choice(x: Expansion, expr: tree.Choice | tree.OneOf, ctx: Context, slot: Slot | None, path: str) -> sk.Number:
    if slot is None:
        raise error("E0207", "this must be one fixed number", expr.span, "an open choice")
    options = list(expr.alternatives) if isinstance(expr, tree.Choice) else _numbers_of(x, expr.members, ctx)
    values, written = [], []
    for option in options:
        inner = Slot()
        values.append(number(x, option, ctx, inner, path))
        written.append(inner.written(option))
    slot.add(expr, Choice(path, tuple(written), expr.span))
    return sk.NumberChoice(path, tuple(values))


def _numbers_of(x: Expansion, members: tree.Expr, ctx: Context) -> list[tree.Expr]:
    if isinstance(members, tree.List):
        return [item for item in members.items if not isinstance(item, tree.Spread)]
    return [tree.Number(members.span, v) for v in integers(x, members, ctx)]


def constant(x: Expansion, expr: tree.Expr, ctx: Context) -> Value:
    """A number that is the same in every genotype; E0207 where it is not."""
    value = number(x, expr, ctx, None, "")
    if not isinstance(value, sk.Const):
        raise error("E0207", f"this must be one fixed number, not `{text(expr)}`", expr.span)
    return value.value


def integer(x: Expansion, expr: tree.Expr, ctx: Context, least: int, most: int, what: str) -> int:
    """A fixed whole number within bounds; E0205 names `what` where it is not."""
    value = constant(x, expr, ctx)
    if not isinstance(value, int) or isinstance(value, bool):
        raise error("E0205", f"{what} is a whole number, not `{value}`", expr.span)
    if not least <= value <= most:
        raise error("E0205", f"{what} lies between {least} and {most:,}, not {value:,}", expr.span)
    return value


def integers(x: Expansion, expr: tree.Expr, ctx: Context) -> tuple[int, ...]:
    """The whole numbers of a range, a list, or a single one."""
    match expr:
        case tree.Range():
            if expr.stop is None:
                raise error("E0205", "this range needs an end", expr.span)
            start, stop = _whole(x, expr.start, ctx), _whole(x, expr.stop, ctx)
            step = _whole(x, expr.step, ctx) if expr.step else 1
            if step < 1 or stop < start or (stop - start) // step >= MOST_ELEMENTS:
                raise error("E0205", f"a range runs upwards over at most {MOST_ELEMENTS:,} numbers", expr.span)
            return tuple(range(start, stop + 1, step))
        case tree.List():
            return tuple(_whole(x, item, ctx) for item in expr.items if not isinstance(item, tree.Spread))
    return (_whole(x, expr, ctx),)


def _whole(x: Expansion, expr: tree.Expr, ctx: Context) -> int:
    return integer(x, expr, ctx, -(10**9), 10**9, "this")
