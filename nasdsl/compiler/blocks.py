"""Uses of blocks: numbers and operations as arguments, and the chain behind them."""

from __future__ import annotations

from collections.abc import Mapping

from nasdsl.compiler.arguments import EXAMPLES, matched
from nasdsl.compiler.expansion import Context, Expansion, Held, Slot, Template, TemplateChoice, Uses, declared_label
from nasdsl.compiler.names import Definition
from nasdsl.compiler.quantities import IMPLICIT, number
from nasdsl.compiler.templates import either
from nasdsl.diagnostics import error
from nasdsl.ops.primitive import Primitive
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text


def block_use(
    x: Expansion, found: Definition, block: tree.Block, args: tuple[tree.Arg, ...], span: Span, ctx: Context,
    slot: Slot, path: str,
) -> sk.Step:  # fmt: skip
    """One use of a block. An operation among its arguments stands in the chain wherever the parameter does."""
    name = block.name.text
    known = [(p.name.text, p.default is None) for p in block.parameters]

    def given(key: str, expr: tree.Expr) -> Held:
        if key in ("width", "stride"):
            return number(x, expr, ctx, slot, f"{path}.{key}")
        if isinstance(expr, tree.Ref) and ctx.open(expr.name):
            return sk.Symbol(expr.name)
        if key in uses and uses[key][0] == "number":
            if names_operation(expr, ctx):
                raise error(
                    "E0250", f"`{key}` of `{name}` is a number, not an operation", expr.span, "an operation",
                    labels=declared_label("used here", uses[key][1]),
                )  # fmt: skip
            return number(x, expr, ctx, slot, f"{path}.{key}")
        return either(x, expr, ctx, slot, f"{path}.{key}")

    uses = uses_of(x, found, block, span)
    examples = {**EXAMPLES, **{key: "identity" for key, (kind, _) in uses.items() if kind == "operation"}}
    bound, shown = matched(name, known, args, span, given, ("width", "stride"), examples)
    defaults = _defaults(x, found, block, dict(bound), uses, slot, path)
    numbers: list[tuple[str, sk.Number]] = []
    names: list[str | None] = []
    operations: dict[str, Held] = {}
    shown_held: list[tuple[str, sk.Step | None]] = []
    written = [(key, held, arg.value) for (key, held), arg in zip(bound, args, strict=True)]
    for i, (key, held, expr) in enumerate([*written, *defaults]):
        if key not in ("width", "stride"):
            held = fitting(x, name, key, held, expr, uses, ctx)
        if isinstance(held, sk.Symbol) and key in uses and uses[key][0] == "template":
            # A parameter of the block around it, which is read by itself: what will stand there is not known.
            continue
        if isinstance(held, sk.Number):
            numbers.append((key, held))
            names += shown[i : i + 1]
        else:
            operations[key] = held
            if i < len(shown):
                shown_held.append((text(expr), None if isinstance(held, Template | TemplateChoice) else held))
    made = body(x, found, block, slot, path, span, operations)
    own_stride = "stride" in {key for key, _ in known}
    return sk.Call(name, tuple(numbers), tuple(names), made, own_stride, span, made.sets_width, tuple(shown_held))


def _defaults(
    x: Expansion, found: Definition, block: tree.Block, given: Mapping[str, Held], uses: Uses, slot: Slot, path: str
) -> list[tuple[str, Held, tree.Expr]]:
    """The defaults of what is not given. A default may be calculated from the parameters before it."""
    made = []
    inner = Context(found.home)
    for p in block.parameters:
        key = p.name.text
        if key in given:
            inner = inner.with_let(key, given[key])
        elif p.default is not None:
            is_number = key not in uses or uses[key][0] == "number"
            held = (number if is_number else either)(x, p.default, inner, slot, f"{path}.{key}")
            made.append((key, held, p.default))
            inner = inner.with_let(key, held)
    return made


def fitting(x: Expansion, block: str, key: str, held: Held, expr: tree.Expr, uses: Uses, ctx: Context) -> Held:
    """An argument that is of the kind the block's body uses it as; E0250 and E0251 where it is not."""
    if key not in uses:
        return held
    kind, at = uses[key]
    if isinstance(held, sk.Symbol) and isinstance(expr, tree.Ref) and ctx.open(expr.name):
        # A parameter handed on is of the kind that the inner block asks for.
        ctx.used(expr.name, kind, expr.span)
        return placeholder(expr.span) if kind == "operation" else held
    is_number, is_template = isinstance(held, sk.Number), isinstance(held, Template | TemplateChoice)
    where = declared_label("used here", at)
    if kind != "number" and is_number:
        raise error("E0250", f"`{key}` of `{block}` is an operation, not a number", expr.span, "a number", labels=where)
    if kind == "operation" and isinstance(held, Template | TemplateChoice):
        raise error(
            "E0251", f"`{text(expr)}` still needs arguments to be `{key}` of `{block}`", expr.span,
            helps=(filled(x, text(expr), held, expr.span),), labels=where,
        )  # fmt: skip
    if kind == "template" and not is_template:
        raise error(
            "E0251", f"`{key}` of `{block}` is given arguments there, and `{text(expr)}` takes none", expr.span,
            labels=where, helps=(expr.name.text,) if isinstance(expr, tree.Call) else (),
        )  # fmt: skip
    return held


def filled(x: Expansion, name: str, held: Template | TemplateChoice, span: Span) -> str:
    """A template with arguments that it could be given, those of the first of several."""
    while isinstance(held, TemplateChoice):
        held = held.alternatives[0]
    what = held.found.what
    if not isinstance(what, tree.Block):
        return f"{name}(3)"
    uses = uses_of(x, held.found, what, span)
    needed = [p.name.text for p in what.parameters if p.default is None]
    kinds = [uses[key][0] if key in uses else "number" for key in needed]
    examples = {"operation": "identity", "template": "conv_bn"}
    return f"{name}({', '.join(examples.get(kind, '3') for kind in kinds)})"


def names_operation(expr: tree.Expr, ctx: Context) -> bool:
    """Whether a name, with arguments or without, is that of an operation."""
    if not isinstance(expr, tree.Ref | tree.Call):
        return False
    name = expr.name if isinstance(expr, tree.Ref) else expr.name.text
    if name in ctx.lets:
        return not isinstance(ctx.lets[name], sk.Number)
    if name in ctx.symbols or name in IMPLICIT:
        return False
    return isinstance(ctx.scope.find(name, expr.span).what, Primitive | tree.Block | tree.Graph | tree.Alias)


def placeholder(span: Span) -> sk.Step:
    """What stands for an operation that is a parameter, while its block is read without arguments."""
    return sk.Apply("identity", (), span, True, True)


def uses_of(x: Expansion, found: Definition, block: tree.Block, span: Span) -> Uses:
    """What the body of a block uses each of its parameters as."""
    if not block.parameters:
        return {}
    if id(block) not in x.uses:
        body(x, found, block, Slot(), block.name.text, span)
    return x.uses[id(block)]


def body(
    x: Expansion, found: Definition, block: tree.Block, slot: Slot, path: str, span: Span,
    operations: Mapping[str, Held] | None = None,
) -> sk.Chain:  # fmt: skip
    """The chain of a block, used at `span`, with its numbers open and the `operations` given in their places."""
    from nasdsl.compiler.chains import closed

    if not operations and id(block) in x.bodies:
        made, cost = x.bodies[id(block)]
        x.count_step(span, cost)
        return made
    lets = {key: outer(held) for key, held in (operations or {}).items()}
    uses: Uses = {}
    inner = Context(found.home, frozenset(p.name.text for p in block.parameters) - set(lets), lets, uses=uses)
    before = x.steps, len(slot.decisions), len(x.graphs)
    with x.inside(x.named(block.name.text, found.home), span):
        made = closed(x, block.body, inner, slot, path).but(span=block.span)
    if not operations:
        x.uses[id(block)] = uses
        if before[1:] == (len(slot.decisions), len(x.graphs)):
            # It decides nothing, so it is the same wherever it is used.
            x.bodies[id(block)] = made, x.steps - before[0]
    return made


def outer(held: Held) -> Held:
    """An operation as it stands in another body: what hangs on the use is that of the call."""
    if isinstance(held, sk.Number | Template | TemplateChoice) or not any(sk.symbols(held)):
        return held
    return sk.Outer(held, held.span, held.sets_width)


def declared(x: Expansion, found: Definition, block: tree.Block) -> None:
    """A block by itself: its body, and its defaults where it has one for every parameter."""
    name, span = block.name.text, block.name.span
    if any(p.default is None for p in block.parameters):
        body(x, found, block, Slot(), name, span)
    else:
        block_use(x, found, block, (), span, Context(found.home), Slot(), name)
