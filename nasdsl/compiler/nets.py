"""Nets: input, stems, stages and head, unrolled to the steps that fill the window."""

from __future__ import annotations

from nasdsl.compiler.expansion import Context, Expansion, Slot, declared_label, missing
from nasdsl.compiler.names import Definition
from nasdsl.compiler.quantities import integer, integers, number
from nasdsl.compiler.steps import chain, either, step
from nasdsl.diagnostics import NasdslError, did_you_mean, error
from nasdsl.ops.primitive import Value
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

MOST_PIXELS = 1 << 14


def net(x: Expansion, found: Definition) -> sk.Net:
    """The skeleton of a net."""
    declared = found.what
    assert isinstance(declared, tree.Net)
    name = declared.name.text if declared.name else "net"
    ctx = Context(found.home)
    owner = x.owner(name, declared.span, found.home)
    source: sk.Apply | None = None
    steps: list[sk.NetStep] = []
    order = {"input": 0, "stem": 1, "step": 2, "head": 3}
    reached, stages, stems = 0, 0, 0
    plain = [p for p in declared.parts if not isinstance(p, tree.Input | tree.Stem | tree.Head | tree.Stage | tree.Let)]
    for part in declared.parts:
        with x.collecting():
            if isinstance(part, tree.Let):
                slot = Slot()
                ctx = ctx.with_let(part.name.text, either(x, part.value, ctx, slot, f"{name}.{part.name.text}"))
                owner.assignments(slot.decisions)
                continue
            role = _role(part)
            if order[role] < reached:
                said = "stage" if isinstance(part, tree.Stage) else role
                later = next(r for r, at in order.items() if at == reached)
                raise error(
                    "E0320", f"`{said}` comes too late in net `{name}`", part.span,
                    f"behind a {later}" if later != "input" else "behind the input",
                    notes=("the parts of a net stand in this order: input, stems, stages and steps, head",),
                )  # fmt: skip
            reached = order[role]
            slot = Slot()
            match part:
                case tree.Input():
                    if source is not None:
                        raise missing("a second input", part.span)
                    source = input_of(x, part.value, ctx)
                case tree.Stem():
                    path = f"{name}.stem" + (f"[{stems}]" if stems else "")
                    steps.append(sk.NetStep("stem", step(x, part.value, ctx, slot, path), path))
                    stems += 1
                case tree.Head():
                    steps.append(sk.NetStep("head", step(x, part.value, ctx, slot, f"{name}.head"), f"{name}.head"))
                case tree.Stage():
                    steps += _stage(x, part, ctx, slot, name, stages)
                    stages += 1
                case _:
                    body = tree.Chain(part.span, (part,))
                    at = f"{name}[{plain.index(part)}]" if len(plain) > 1 else f"{name}.body"
                    made = chain(x, body, ctx, slot, at, flat=True)
                    steps += [sk.NetStep("step", s.step, s.path, under=s.under) for s in made]
            owner.assignments(slot.decisions)
    if source is None and not any(isinstance(part, tree.Input) for part in declared.parts):
        raise error(
            "E0321", f"net `{name}` has no input", declared.name.span if declared.name else declared.span,
            "no `input`", helps=("input image(3, 32, 32)",),
        )  # fmt: skip
    if source is None:
        raise NasdslError(())
    return sk.Net(name, source, tuple(steps), declared.name.span if declared.name else declared.span)


def _role(part: tree.Part) -> str:
    match part:
        case tree.Input():
            return "input"
        case tree.Stem():
            return "stem"
        case tree.Head():
            return "head"
    return "step"


def _stage(x: Expansion, part: tree.Stage, ctx: Context, slot: Slot, name: str, ordinal: int) -> list[sk.NetStep]:
    label = part.name.text if part.name else f"stage[{ordinal}]"
    path = f"{name}.{label}"
    given: dict[str, sk.Number] = {}
    with x.together():
        for arg in part.args:
            with x.collecting():
                _stage_argument(x, arg, ctx, slot, path, given)
        with x.collecting():
            made = chain(x, part.body, ctx, slot, path, flat=True)
    stride = given.get("stride", sk.Const(1))
    if not made:
        if stride != sk.Const(1):
            raise error("E0322", "a stage with a stride needs a step to take it", part.span, "no step in it")
        return []
    if stride != sk.Const(1) and made[0].under:
        raise error(
            "E0322", "a stage with a stride needs a step to take it", part.span, "its first step may be missing",
            notes=("a `repeat` that may run 0 times comes first",),
        )  # fmt: skip
    return [
        sk.NetStep("step", s.step, s.path, label, given.get("width"), stride if i == 0 else sk.Const(1), s.under)
        for i, s in enumerate(made)
    ]


def _stage_argument(
    x: Expansion, arg: tree.Arg, ctx: Context, slot: Slot, path: str, given: dict[str, sk.Number]
) -> None:
    key = arg.name.text if arg.name else "width"
    if key not in ("width", "stride"):
        where = arg.name.span if arg.name else arg.span
        raise error(
            "E0204", f"a stage has no `{key}`", where, "unknown", notes=("a stage has width and stride",),
            helps=did_you_mean(key, ("width", "stride")),
        )  # fmt: skip
    if key in given:
        raise error("E0204", f"the {key} of this stage is given twice", arg.span, "the second time")
    given[key] = made = number(x, arg.value, ctx, slot, f"{path}.{key}")
    if isinstance(made, sk.Const) and (not isinstance(made.value, int) or made.value < 1):
        raise error("E0205", f"the {key} of a stage is a whole number from 1 up, not `{made.value}`", arg.span)


def input_of(x: Expansion, value: tree.Expr, ctx: Context) -> sk.Apply:
    """`image(3, 32, 32)` or `pyramid(levels = 3..5, widths = [512, 1024, 2048])`."""
    if not isinstance(value, tree.Call) or value.name.text not in ("image", "pyramid"):
        raise error(
            "E0323", f"`{text(value)}` is not an input", value.span,
            helps=("input image(3, 32, 32)", "input pyramid(levels = 3..5, widths = [512, 1024, 2048])"),
        )  # fmt: skip
    if value.name.text == "pyramid":
        return _pyramid(x, value, ctx)
    names = [p.name for p in PRIMITIVES["image"].parameters]
    args: dict[str, sk.Number] = {}
    for i, arg in enumerate(value.args):
        key = arg.name.text if arg.name else names[i] if i < len(names) else ""
        if key not in names or key in args:
            raise error("E0204", "an image has channels, height and width", arg.span, helps=("image(3, 32, 32)",))
        args[key] = sk.Const(integer(x, arg.value, ctx, 1, MOST_PIXELS, f"`{key}` of an image"))
    if len(args) != len(names):
        raise error("E0203", "an image has channels, height and width", value.span, helps=("image(3, 32, 32)",))
    return sk.Apply("image", tuple(args.items()), value.span)


def _pyramid(x: Expansion, value: tree.Call, ctx: Context) -> sk.Apply:
    args: dict[str, tree.Expr] = {}
    for arg in value.args:
        key = arg.name.text if arg.name else ""
        if key not in ("levels", "widths", "size") or key in args:
            raise error(
                "E0204", "a pyramid has levels, widths and the size of its image", arg.span,
                helps=("pyramid(levels = 3..5, widths = [512, 1024, 2048])",),
            )  # fmt: skip
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
    size = integer(x, args["size"], ctx, 1, MOST_PIXELS, "`size`") if "size" in args else 640
    named: dict[str, Value] = {"levels": levels, "widths": widths, "size": size}
    return sk.Apply("pyramid", tuple((k, sk.Const(v)) for k, v in named.items()), value.span)
