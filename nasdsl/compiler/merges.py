"""Merges: which there are, and how many values each can join."""

from __future__ import annotations

from nasdsl.diagnostics import NasdslError, error
from nasdsl.ops.registry import PRIMITIVES, get
from nasdsl.source import Span
from nasdsl.space import skeleton as sk

MERGES = "the merges are " + ", ".join(name for name, p in PRIMITIVES.items() if p.role == "merge")


def no_merge(span: Span) -> NasdslError:
    return error("E0301", f"`{span.text}` is not a merge", span, "a merge is expected here", notes=(MERGES,))


def options(merge: sk.Step) -> tuple[sk.Apply, ...]:
    """The merges among which a step chooses."""
    every = merge.alternatives if isinstance(merge, sk.Switch) else (merge,)
    return tuple(option for option in every if isinstance(option, sk.Apply))


def counted(merge: sk.Step, values: int | None, span: Span) -> None:
    """E0318 where a merge of a fixed number of values is given more, or a number that is open (None)."""
    for option in options(merge):
        arity = get(option.primitive).arity
        if arity is not None and (values is None or values > arity):
            shown = "an open number" if values is None else values
            raise error(
                "E0318", f"`{option.primitive}` joins {arity} values, not {shown}", span, "too many values",
                helps=("merge add",),
            )  # fmt: skip
