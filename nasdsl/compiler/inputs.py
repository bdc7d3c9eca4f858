"""What a net reads: an image, a feature pyramid, a sequence or a text, whose numbers may be choices."""

from __future__ import annotations

from collections.abc import Iterator

from nasdsl.compiler.expansion import Context, Expansion, Slot, declared_label
from nasdsl.compiler.quantities import integers, number
from nasdsl.compiler.steps import primitive
from nasdsl.diagnostics import error
from nasdsl.ops.primitive import Primitive, Value
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

MOST_PIXELS = 1 << 14
MOST_WORDS = 1_000_000
# How each input is written.
EXAMPLES = {
    "image": "image(3, 32, 32)",
    "pyramid": "pyramid(levels = 3..5, widths = [512, 1024, 2048])",
    "sequence": "sequence(128, 35)",
    "tokens": "tokens(10000, 35)",
}
HAVE = {
    "image": "an image has channels, height and width",
    "sequence": "a sequence has channels and a length",
    "tokens": "a text has the size of its vocabulary and a length",
}


def input_of(x: Expansion, value: tree.Expr, ctx: Context, slot: Slot, path: str) -> sk.Apply:
    """The input of a net; the decisions of its numbers go to the slot."""
    if (own := _of_plugin(value, ctx)) is not None:
        return _plugged(x, own, value, ctx, slot, path)
    if not isinstance(value, tree.Call) or value.name.text not in EXAMPLES:
        helps = [f"input {example}" for example in EXAMPLES.values()]
        raise error("E0323", f"`{text(value)}` is not an input", value.span, helps=helps)
    if value.name.text == "pyramid":
        return _pyramid(x, value, ctx, slot, path)
    return _numbered(x, value, ctx, slot, path)


def _of_plugin(value: tree.Expr, ctx: Context) -> Primitive | None:
    """The input that a plug-in declares by this name, where one of its modules is imported."""
    name = value.name.text if isinstance(value, tree.Call) else value.name if isinstance(value, tree.Ref) else ""
    found = ctx.scope.names.get(name) or ctx.scope.implied.get(name)
    what = found.what if found is not None else None
    return what if isinstance(what, Primitive) and what.role == "input" else None


def _plugged(x: Expansion, what: Primitive, value: tree.Expr, ctx: Context, slot: Slot, path: str) -> sk.Apply:
    args = value.args if isinstance(value, tree.Call) else ()
    made = primitive(x, what, args, value.span, ctx, slot, path)
    assert isinstance(made, sk.Apply)
    for arg, (_, given) in zip(args, made.args, strict=True):
        independent(given, arg.value)
    return made


def _numbered(x: Expansion, value: tree.Call, ctx: Context, slot: Slot, path: str) -> sk.Apply:
    """An image, a sequence or a text; an image whose width is left out is as wide as it is high."""
    kind = value.name.text
    names = [p.name for p in PRIMITIVES[kind].parameters]
    args: dict[str, sk.Number] = {}
    for i, arg in enumerate(value.args):
        key = arg.name.text if arg.name else names[i] if i < len(names) else ""
        if key not in names or key in args:
            raise error("E0204", HAVE[kind], arg.span, helps=(EXAMPLES[kind],))
        most = MOST_WORDS if key == "vocabulary" else MOST_PIXELS
        args[key] = size(x, arg.value, ctx, slot, f"{path}.{key}", f"`{key}` of {HAVE[kind].split(' has')[0]}", most)
    if kind == "image" and "height" in args:
        args.setdefault("width", args["height"])
    if len(args) != len(names):
        raise error("E0203", HAVE[kind], value.span, helps=(EXAMPLES[kind],))
    return sk.Apply(kind, tuple(args.items()), value.span)


def size(
    x: Expansion, expr: tree.Expr, ctx: Context, slot: Slot, path: str, what: str, most: int = MOST_PIXELS
) -> sk.Number:  # fmt: skip
    """A number of pixels or the like, or a choice among such; E0205 where it is none, E0206 where it hangs on a use."""
    made = number(x, expr, ctx, slot, path)
    independent(made, expr)
    for given in _values(made):
        if not isinstance(given, int):
            raise error("E0205", f"{what} is a whole number, not `{given}`", expr.span)
        if not 1 <= given <= most:
            bounds = "at least 1" if given < 1 else f"at most {most:,}"
            raise error("E0205", f"{what} is {bounds}, not {given:,}", expr.span)
    return made


def independent(made: sk.Number, expr: tree.Expr) -> None:
    """E0206 for a number that is known only where a block or a cell is used."""
    for symbol in sk.symbols(made):
        raise error("E0206", f"`{symbol}` is known only inside a block", expr.span, "a number of the input")


def _values(made: sk.Number) -> Iterator[Value]:
    """What stands at the ends of a choice; a calculation with choices is bounded where it is made."""
    if isinstance(made, sk.Const):
        yield made.value
    elif isinstance(made, sk.NumberChoice):
        for alternative in made.alternatives:
            yield from _values(alternative)


def _pyramid(x: Expansion, value: tree.Call, ctx: Context, slot: Slot, path: str) -> sk.Apply:
    args: dict[str, tree.Expr] = {}
    for arg in value.args:
        key = arg.name.text if arg.name else ""
        if key not in ("levels", "widths", "size") or key in args:
            message = "a pyramid has levels, widths and the size of its image"
            raise error("E0204", message, arg.span, helps=(EXAMPLES["pyramid"],))
        args[key] = arg.value
    if not {"levels", "widths"} <= set(args):
        raise error("E0203", "a pyramid needs levels and widths", value.span)
    levels, widths = integers(x, args["levels"], ctx), integers(x, args["widths"], ctx)
    if len(levels) != len(widths) or min(widths, default=0) < 1 or list(levels) != sorted(set(levels)):
        raise error(
            "E0324",
            f"{len(widths)} widths for {len(levels)} levels",
            args["widths"].span,
            "one width for each level",
            labels=declared_label("levels", args["levels"].span),
        )
    if min(levels) < 0 or max(levels) > 20:
        raise error("E0306", "the levels of a pyramid ascend from 0 to at most 20", args["levels"].span)
    side: sk.Number = sk.Const(640)
    if "size" in args:
        side = size(x, args["size"], ctx, slot, f"{path}.size", "`size`")
    return sk.Apply("pyramid", (("levels", sk.Const(levels)), ("widths", sk.Const(widths)), ("size", side)), value.span)
