"""Chains: steps behind each other, repeated, in branches, and with second heads."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from nasdsl.compiler.arguments import bind
from nasdsl.compiler.expansion import (
    Context,
    Expansion,
    Slot,
    assigned,
)
from nasdsl.compiler.merges import counted
from nasdsl.compiler.quantities import counts, number
from nasdsl.compiler.steps import merge_step, step, uncopied, use
from nasdsl.compiler.templates import either
from nasdsl.diagnostics import InternalError, error
from nasdsl.space import skeleton as sk
from nasdsl.space.gates import Depth
from nasdsl.space.model import Entry
from nasdsl.syntax import tree


class Placed(NamedTuple):
    """A step of a chain, its path, and the repetitions of open depth that it stands in."""

    step: sk.Step
    path: str
    under: tuple[sk.Within, ...] = ()


def chain(x: Expansion, body: tree.Chain, ctx: Context, slot: Slot, path: str, *, flat: bool = False) -> list[Placed]:
    """The steps of a chain; fixed repetitions are unrolled, each deciding afresh.

    A choice of depth is one step, or, where the chain is `flat` as in a net, steps that are there under a condition.
    """
    x.count_step(body.span)
    made: list[Placed] = []
    counted = [s for s in body.steps if not isinstance(s, tree.Let | tree.Tap)]
    ordinal = 0
    with x.together():
        for item in body.steps:
            if isinstance(item, tree.Let):
                name = item.name.text
                ctx = ctx.with_let(name, either(x, item.value, ctx, slot, f"{path}.{name}"))
                continue
            with x.collecting():
                if isinstance(item, tree.Tap):
                    made.append(Placed(tap(x, item, ctx, slot, path), f"{path}.{item.name.text}"))
                    continue
                here = path if len(counted) == 1 else f"{path}[{ordinal}]"
                ordinal += 1
                if isinstance(item, tree.Labelled):
                    here, item = f"{path}.{item.name.text}", item.step
                made += _chain_step(x, item, ctx, slot, here, flat)
    return made


def _chain_step(x: Expansion, item: tree.Step, ctx: Context, slot: Slot, path: str, flat: bool) -> list[Placed]:
    match item:
        case tree.Repeat():
            return _repeat(x, item, ctx, slot, path, flat)
        case tree.Branch():
            merge = merge_step(x, item.merge, ctx, slot, f"{path}.merge")
            counted(merge, len(item.chains), item.merge.span)
            chains = tuple(closed(x, c, ctx, slot, f"{path}[{i}]") for i, c in enumerate(item.chains))
            return [Placed(sk.Branch(merge, chains, item.span, any(c.sets_width for c in chains)), path)]
        case tree.Shortcut():
            body = closed(x, item.body, ctx, slot, path)
            return [Placed(sk.Shortcut(body, item.span, body.sets_width), path)]
        case tree.Labelled() | tree.Let() | tree.Tap():
            raise InternalError("the grammar labels steps only")
        case tree.Fresh():
            return [Placed(_fresh(x, item, ctx, slot, path), path)]
    return [Placed(step(x, item, ctx, slot, path), path)]


def _repeat(x: Expansion, item: tree.Repeat, ctx: Context, slot: Slot, path: str, flat: bool) -> list[Placed]:
    """A repetition; where its count is open, one decision that brings along what each of its rounds decides."""
    numbers = counts(x, item.count, ctx, "the count of a `repeat`")
    if len(numbers) == 1:
        return [s for i in range(numbers[0]) for s in chain(x, item.body, ctx, slot, f"{path}[{i}]", flat=flat)]
    path = x.claim(path, slot.name)
    made: list[Placed] = []
    bodies: list[sk.Chain] = []
    rounds: list[tuple[Entry, ...]] = []
    for i in range(numbers[-1]):
        inner = Slot(slot.name)
        placed = chain(x, item.body, ctx, inner, f"{path}[{i}]", flat=flat)
        bodies.append(_closed(placed, item.body))
        condition = (sk.Within(path, i),) if i >= numbers[0] else ()
        made += [p._replace(under=(*condition, *p.under)) for p in placed]
        rounds.append(tuple(map(assigned, inner.decisions)))
    slot.decisions.append(Depth(path, numbers, tuple(rounds), item.count.span))
    if flat:
        return made
    return [Placed(sk.Repeat(path, tuple(bodies), item.span, any(b.sets_width for b in bodies)), path)]


def _fresh(x: Expansion, item: tree.Fresh, ctx: Context, slot: Slot, path: str) -> sk.Step:
    """`fresh normal` as a step: a copy of the graph's decisions under the step's own path."""
    from nasdsl.compiler.graphs import instance

    value = item.value
    name = value.name if isinstance(value, tree.Ref) else value.name.text
    found = ctx.scope.find(name, value.span if isinstance(value, tree.Ref) else value.name.span)
    args = value.args if isinstance(value, tree.Call) else ()
    if isinstance(found.what, tree.Block):
        return use(x, found, name, args, value.span, ctx, slot, path)
    if not isinstance(found.what, tree.Graph) or found.what.count is not None:
        raise uncopied(name, found, value.span)
    key = instance(x, found, None, path, item.span)
    known = [(p.name.text, p.default is None) for p in found.what.parameters]
    bound, _ = bind(x, name, known, args, value.span, ctx, slot, path, ("width", "stride"))
    return sk.UseGraph(key, bound, item.span, x.graphs[key].sets_width or "width" in dict(bound))


def tap(x: Expansion, item: tree.Tap, ctx: Context, slot: Slot, path: str) -> sk.Tap:
    """`tap aux classifier(10, weight = 0.4)`: a second head, and its weight for the evaluator."""
    name = item.name.text
    if not ctx.in_net:
        raise error(
            "E0330", f"tap `{name}` is no step of a net or a stage", item.name.span, "inside a block or a branch",
            notes=("a tap reads the newest value of a net",),
        )  # fmt: skip
    value, weight = item.value, sk.Const(1)
    if isinstance(value, tree.Call):
        for arg in value.args:
            if arg.name is not None and arg.name.text == "weight":
                weight = number(x, arg.value, ctx, slot, f"{path}.{name}.weight")  # type: ignore[assignment]
                if isinstance(weight, sk.Const) and not (isinstance(weight.value, int | float) and weight.value >= 0):
                    raise error("E0205", f"the weight of a tap is at least 0, not `{weight.value}`", arg.span)
        left = tuple(arg for arg in value.args if arg.name is None or arg.name.text != "weight")
        value = value.but(args=left) if left else tree.Ref(value.span, value.name.text)
    made = step(x, value, replace(ctx, in_net=False), slot, f"{path}.{name}")
    return sk.Tap(name, made, weight, item.span)


def closed(x: Expansion, body: tree.Chain, ctx: Context, slot: Slot, path: str) -> sk.Chain:
    return _closed(chain(x, body, replace(ctx, in_net=False), slot, path), body)


def _closed(placed: list[Placed], body: tree.Chain) -> sk.Chain:
    steps = tuple(p.step for p in placed)
    return sk.Chain(steps, body.span, any(s.sets_width for s in steps))
