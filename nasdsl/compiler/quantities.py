"""Numbers: constants folded, choices collected, what is known only at a use left as an expression."""

from __future__ import annotations

from collections.abc import Sequence

from nasdsl.compiler.expansion import MOST_ELEMENTS, Context, Expansion, Held, Slot, declared_label
from nasdsl.compiler.names import KINDS
from nasdsl.compiler.overlap import apart
from nasdsl.diagnostics import NasdslError, error, located
from nasdsl.ops.primitive import Value
from nasdsl.space import skeleton as sk
from nasdsl.space.decisions import Choice
from nasdsl.syntax import tree
from nasdsl.syntax.elsewhere import instead
from nasdsl.syntax.printer import text

LARGEST = 10**15
IMPLICIT = frozenset({"in", "width", "stride"})


def number(x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot | None, path: str) -> sk.Number:
    """The number an expression stands for; without a slot an open choice is an error."""
    match expr:
        case tree.Number() | tree.String():
            return sk.Const(expr.value)
        case tree.Ref():
            return _name(x, expr, ctx)
        case tree.Binary():
            return _fold(x, expr, number(x, expr.left, ctx, slot, path), number(x, expr.right, ctx, slot, path))
        case tree.List() | tree.Range():
            return sk.Const(integers(x, expr, ctx))
        case tree.Choice() | tree.OneOf():
            return _choice(x, expr, ctx, slot, path)
        case tree.Weighted():
            raise weightless(expr)
    raise error("E0206", f"a number is expected here, not `{text(expr)}`", expr.span, helps=instead(expr))


def _name(x: Expansion, expr: tree.Ref, ctx: Context) -> sk.Number:
    if expr.name in ctx.lets:
        value = ctx.lets[expr.name]
        if not isinstance(value, sk.Number):
            raise error("E0206", f"`{expr.name}` is an operation; a number is expected here", expr.span)
        return value
    ctx.used(expr.name, "number", expr.span)
    if expr.name in ctx.symbols or expr.name in IMPLICIT:
        return sk.Symbol(expr.name)
    found = ctx.scope.find(expr.name, expr.span)
    if isinstance(found.what, tree.Param):
        return sk.Const(parameter(x, found.what, Context(found.home)))
    if isinstance(found.what, tree.Let):
        value = shared(x, found.what, Context(found.home))
        if isinstance(value, sk.Number):
            return value
    raise error(
        "E0206", f"`{expr.name}` is {KINDS[type(found.what)]}; a number is expected here", expr.span, "not a number",
        labels=declared_label("declared here", found.span),
    )  # fmt: skip


def parameter(x: Expansion, param: tree.Param, ctx: Context) -> Value:
    """The value of a `param`, as given for this space or as written."""
    if ctx.scope is x.root and param.name.text in x.params:
        return x.params[param.name.text]
    key = (id(ctx.scope), param.name.text)
    if key not in x.constants:
        with x.inside(x.named(param.name.text, ctx.scope), param.name.span):
            x.constants[key] = constant(x, param.value, ctx)
    return x.constants[key]


def shared(x: Expansion, let: tree.Let, ctx: Context) -> Held:
    """A `let` of the file: one decision, wherever it is used."""
    from nasdsl.compiler.templates import either

    key = (id(ctx.scope), let.name.text)
    if key not in x.lets:
        slot, path = Slot(), x.named(let.name.text, ctx.scope)
        with x.inside(path, let.name.span):
            x.lets[key] = either(x, let.value, ctx, slot, path)
        x.owner(path, let.span, ctx.scope).assignments(slot.decisions)
    return x.lets[key]


def hyper(x: Expansion, declared: tree.Hyper, ctx: Context) -> None:
    """A number that belongs to every genotype of the file and to no network."""
    name, slot = declared.name.text, Slot()
    with x.inside(name, declared.name.span):
        made = number(x, declared.value, ctx, slot, name)
    for symbol in sk.symbols(made):
        raise error("E0206", f"`{symbol}` is known only inside a block", declared.value.span, "a hyper-parameter")
    x.hypers[name] = sk.Hyper(name, made, declared.name.span)
    x.owner(name, declared.span, ctx.scope).assignments(slot.decisions)


def _fold(x: Expansion, expr: tree.Binary, left: sk.Number, right: sk.Number) -> sk.Number:
    if not (isinstance(left, sk.Const) and isinstance(right, sk.Const)):
        terms = _terms(left) + _terms(right)
        if terms > MOST_ELEMENTS:
            many = f"this is calculated from more than {MOST_ELEMENTS:,} numbers"
            raise error("E0240", many, expr.span, "the limit is met here")
        return sk.Arithmetic(expr.op, left, right, terms)
    a, b = left.value, right.value
    if not (isinstance(a, int | float) and isinstance(b, int | float)):
        raise error("E0206", f"`{expr.op}` needs numbers on both sides", expr.span)
    try:
        return sk.Const(calculate(expr.op, a, b))
    except NasdslError as mistake:
        raise located(mistake, expr.span) from None


def _terms(number: sk.Number) -> int:
    return number.terms if isinstance(number, sk.Arithmetic | sk.NumberChoice) else 1


def calculate(op: str, a: int | float, b: int | float) -> int | float:
    """The arithmetic of the language; `//` rounds down. E0209 for a division by zero, E0205 for a giant."""
    if op == "//" and b == 0:
        raise error("E0209", "this divides by zero")
    made = a + b if op == "+" else a - b if op == "-" else a * b if op == "*" else a // b
    if not -LARGEST <= made <= LARGEST:
        raise error("E0205", "this number is too large", notes=("no number of a space is larger than 1e15",))
    return made


def _choice(x: Expansion, expr: tree.Choice | tree.OneOf, ctx: Context, slot: Slot | None, path: str) -> sk.Number:
    if slot is None:
        raise error("E0207", "this must be one fixed number", expr.span, "an open choice")
    x.count_step(expr.span)
    options = list(expr.alternatives) if isinstance(expr, tree.Choice) else _numbers_of(x, expr.members, ctx)
    values, written, weights = [], [], []
    seen: set[sk.Number] = set()
    path = x.claim(path, slot.name, leaf=True)
    for option, weight in (weighed(x, option, ctx) for option in options):
        inner = Slot(slot.name)
        values.append(number(x, option, ctx, inner, path))
        weights.append(weight)
        if values[-1] in seen:
            raise error("E0215", f"`{text(option)}` is offered twice", option.span, "the second time")
        seen.add(values[-1])
        written.append(inner.written(option))
    if not values:
        raise error("E0214", "there is nothing to choose from", expr.span, "no alternatives")
    apart(options, written)
    slot.add(expr, Choice(path, tuple(written), expr.span, told(weights)))
    return sk.NumberChoice(path, tuple(values), max(map(_terms, values)))


def weighed(x: Expansion, expr: tree.Expr, ctx: Context) -> tuple[tree.Expr, float]:
    """An alternative without its weight, and the weight: 1 where none is written. E0252 for one that is none."""
    if not isinstance(expr, tree.Weighted):
        return expr, 1
    weight = constant(x, expr.weight, ctx)
    if not isinstance(weight, int | float) or not weight > 0:
        raise error("E0252", f"a weight is a number above 0, not `{weight}`", expr.weight.span)
    return expr.value, weight


def told(weights: Sequence[float]) -> tuple[float, ...]:
    """Weights as a decision keeps them: none where all are alike."""
    return tuple(weights) if len(set(weights)) > 1 else ()


def weightless(expr: tree.Weighted) -> NasdslError:
    """E0252 for a weight where nothing is chosen."""
    return error(
        "E0252", "a weight belongs to an alternative of a choice", expr.weight.span, "nothing is chosen here",
        helps=(text(expr.value),),
    )  # fmt: skip


def _numbers_of(x: Expansion, members: tree.Expr, ctx: Context) -> list[tree.Expr]:
    if isinstance(members, tree.List):
        return [_item(item) for item in members.items]
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
        bounds = f"is at least {least}" if value < least else f"is at most {most:,}"
        raise error("E0205", f"{what} {bounds}, not {value:,}", expr.span)
    return value


def counts(x: Expansion, expr: tree.Expr, ctx: Context, what: str) -> tuple[int, ...]:
    """How many there may be, ascending; several where a range or a choice leaves it open (rule 9 of section 2)."""
    held = expr.members if isinstance(expr, tree.OneOf) else expr
    for option in (
        held.alternatives if isinstance(held, tree.Choice) else held.items if isinstance(held, tree.List) else ()
    ):
        if isinstance(option, tree.Weighted):
            raise error("E0252", f"{what} takes no weights", option.weight.span, helps=(text(option.value),))
    match expr:
        case tree.Range():
            found = integers(x, expr, ctx)
        case tree.Choice():
            found = tuple(integer(x, option, ctx, 0, MOST_ELEMENTS, what) for option in expr.alternatives)
        case tree.OneOf():
            found = integers(x, expr.members, ctx)
        case _:
            return (integer(x, expr, ctx, 0, MOST_ELEMENTS, what),)
    for count in found:
        if not 0 <= count <= MOST_ELEMENTS:
            raise error("E0205", f"{what} is from 0 to {MOST_ELEMENTS:,}, not {count:,}", expr.span)
    if len(set(found)) < len(found):
        at, twice = next((i, n) for i, n in enumerate(found) if n in found[:i])
        span = expr.alternatives[at].span if isinstance(expr, tree.Choice) else expr.span
        raise error("E0215", f"`{twice}` is offered twice", span, "the second time" if span is not expr.span else "")
    return tuple(sorted(found))


def integers(x: Expansion, expr: tree.Expr, ctx: Context) -> tuple[int, ...]:
    """The whole numbers of a range, a list, or a single one."""
    match expr:
        case tree.Range():
            if expr.stop is None:
                raise error(
                    "E0205", "this range needs an end", expr.span, "runs on for ever", helps=(text(expr) + "7",)
                )
            start, stop = _whole(x, expr.start, ctx), _whole(x, expr.stop, ctx)
            step = _whole(x, expr.step, ctx) if expr.step else 1
            if step < 1 or stop < start:
                helps = (f"{stop}..{start}",) if step == 1 else ()
                raise error("E0205", "a range runs upwards", expr.span, "no number lies in it", helps=helps)
            if (count := (stop - start) // step + 1) > MOST_ELEMENTS:
                raise error("E0205", f"a range holds at most {MOST_ELEMENTS:,} numbers, not {count:,}", expr.span)
            return tuple(range(start, stop + 1, step))
        case tree.List():
            return tuple(_whole(x, _item(item), ctx) for item in expr.items)
    return (_whole(x, expr, ctx),)


def _item(item: tree.Expr | tree.Spread) -> tree.Expr:
    if isinstance(item, tree.Spread):
        raise error("E0206", f"a number is expected here, not `{text(item)}`", item.span)
    return item


def _whole(x: Expansion, expr: tree.Expr, ctx: Context) -> int:
    return integer(x, expr, ctx, -(10**9), 10**9, "this")
