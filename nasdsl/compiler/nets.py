"""Nets: input, stems, stages and head, unrolled to the steps that fill the window."""

from __future__ import annotations

from typing import Literal

from nasdsl.compiler.chains import chain
from nasdsl.compiler.expansion import Context, Expansion, Slot, declared_label
from nasdsl.compiler.inputs import input_of
from nasdsl.compiler.names import Definition
from nasdsl.compiler.quantities import number
from nasdsl.compiler.steps import step
from nasdsl.compiler.templates import either
from nasdsl.diagnostics import NasdslError, did_you_mean, error
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree


def net(x: Expansion, found: Definition) -> sk.Net:
    """The skeleton of a net."""
    declared = found.what
    assert isinstance(declared, tree.Net)
    name = declared.name.text if declared.name else "net"
    ctx = Context(found.home, in_net=True)
    owner = x.owner(name, declared.span, found.home)
    source: sk.Apply | None = None
    first: tree.Input | None = None
    steps: list[sk.NetStep] = []
    order = {"input": 0, "stem": 1, "step": 2, "head": 3}
    reached, stages, stems = 0, 0, 0
    others = tree.Input | tree.Stem | tree.Head | tree.Stage | tree.Let | tree.Tap
    plain = [id(part) for part in declared.parts if not isinstance(part, others)]
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
                    if first is not None:
                        raise second_input(name, part, first)
                    first = part
                    source = input_of(x, part.value, ctx, slot, f"{name}.{part.name.text if part.name else 'input'}")
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
                    at = name
                    if not isinstance(part, tree.Labelled | tree.Tap):
                        at = f"{name}[{plain.index(id(part))}]" if len(plain) > 1 else f"{name}.body"
                    made = chain(x, body, ctx, slot, at, flat=True)
                    steps += [sk.NetStep(_kind(s.step), s.step, s.path, under=s.under) for s in made]
            owner.assignments(slot.decisions)
    if first is None and not any(isinstance(part, tree.Input) for part in declared.parts):
        raise error(
            "E0321", f"net `{name}` has no input", declared.name.span if declared.name else declared.span,
            "no `input`", helps=("input image(3, 32, 32)",),
        )  # fmt: skip
    if source is None:
        raise NasdslError(())
    _distinct(steps)
    return sk.Net(name, source, tuple(steps), declared.name.span if declared.name else declared.span)


def second_input(name: str, part: tree.Input, first: tree.Input) -> NasdslError:
    """E0328: a net reads one thing."""
    return error(
        "E0328", f"net `{name}` has two inputs", part.span, "the second",
        labels=declared_label("the first", first.span), helps=("delete it",),
        notes=("a net reads one value; images of one size that belong together are one image of more channels",),
    )  # fmt: skip


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
    if all(isinstance(s.step, sk.Tap) for s in made):
        if stride != sk.Const(1):
            raise error("E0322", "a stage with a stride needs a step to take it", part.span, "no step in it")
        stride = sk.Const(1)
    first = next((i for i, s in enumerate(made) if not isinstance(s.step, sk.Tap)), 0)
    if stride != sk.Const(1) and made[first].under:
        raise error(
            "E0322", "a stage with a stride needs a step to take it", part.span, "its first step may be missing",
            notes=("a `repeat` that may run 0 times comes first",),
        )  # fmt: skip
    return [
        sk.NetStep(
            _kind(s.step), s.step, s.path, label, given.get("width"), stride if i == first else sk.Const(1), s.under
        )
        for i, s in enumerate(made)
    ]


def _kind(step: sk.Step) -> Literal["step", "tap"]:
    return "tap" if isinstance(step, sk.Tap) else "step"


def _distinct(steps: list[sk.NetStep]) -> None:
    """E0202 for taps of one name: the evaluator knows them by it."""
    first: dict[str, sk.Step] = {}
    for tap in (item.step for item in steps if isinstance(item.step, sk.Tap)):
        if tap.name in first:
            if first[tap.name].span == tap.span:
                what, labels = f"tap `{tap.name}` is repeated", []
            else:
                what, labels = f"there are two taps `{tap.name}`", declared_label("the first", first[tap.name].span)
            raise error("E0202", what, tap.span, "each has a name of its own", labels=labels)
        first[tap.name] = tap


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
