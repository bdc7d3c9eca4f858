"""The arguments of a call, by the names of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from nasdsl.compiler.expansion import Context, Expansion, Slot
from nasdsl.compiler.quantities import number
from nasdsl.diagnostics import did_you_mean, error
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.syntax import tree
from nasdsl.syntax.elsewhere import argument
from nasdsl.syntax.printer import text

T = TypeVar("T")
# What a help proposes for a missing argument, where it is not 3.
EXAMPLES: Mapping[str, str] = {"classes": "10"}


def bind(
    x: Expansion, name: str, known: list[tuple[str, bool]], args: tuple[tree.Arg, ...], span: Span, ctx: Context,
    slot: Slot, path: str, named_only: tuple[str, ...] = (),
) -> tuple[sk.NamedNumbers, tuple[str | None, ...]]:  # fmt: skip
    """Numbers by parameter name, in the order written; E0203 and E0204 where they do not fit the signature."""
    return matched(
        name, known, args, span, lambda key, expr: number(x, expr, ctx, slot, f"{path}.{key}"), named_only
    )  # fmt: skip


def matched(
    name: str, known: list[tuple[str, bool]], args: tuple[tree.Arg, ...], span: Span,
    given: Callable[[str, tree.Expr], T], named_only: tuple[str, ...] = (), examples: Mapping[str, str] = EXAMPLES,
) -> tuple[tuple[tuple[str, T], ...], tuple[str | None, ...]]:  # fmt: skip
    """What the arguments are `given` as, by parameter name; see `bind`."""
    order = [p for p, _ in known]
    bound: dict[str, T] = {}
    shown: list[str | None] = []
    for i, arg in enumerate(args):
        if arg.name is None and i >= len(order):
            takes = f"takes {len(order)}: {', '.join(order)}" if order else "takes none"
            raise error(
                "E0203",
                f"too many arguments for `{name}`",
                arg.value.span,
                f"`{name}` {takes}",
                notes=by_name(named_only),
            )
        key = arg.name.text if arg.name else order[i]
        where = arg.name.span if arg.name else arg.value.span
        if key not in order and key not in named_only:
            every = [*order, *(k for k in named_only if k not in order)]
            raise error(
                "E0204", f"`{name}` has no parameter `{key}`", where, "unknown parameter",
                notes=(f"its parameters are {', '.join(every)}" if every else "it has no parameters",),
                helps=argument(key, every) or did_you_mean(key, every),
            )  # fmt: skip
        if key in bound:
            raise error("E0204", f"`{key}` of `{name}` is given twice", where, "the second time")
        bound[key] = given(key, arg.value)
        shown.append(arg.name.text if arg.name else None)
    for key, required in known:
        if required and key not in bound:
            shown_args = ", ".join([*map(text, args), f"{key} = {examples.get(key, 3)}"])
            raise error("E0203", f"`{name}` needs `{key}`", span, "missing argument", helps=(f"{name}({shown_args})",))
    return tuple(bound.items()), tuple(shown)


def by_name(named_only: tuple[str, ...]) -> tuple[str, ...]:
    if not named_only:
        return ()
    return (
        " and ".join(f"`{key}`" for key in named_only) + (" is" if len(named_only) == 1 else " are") + " given by name",
    )
