"""What an operation takes and what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from nasdsl.compiler.names import Definition
from nasdsl.ops.primitive import Primitive
from nasdsl.source import Span
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text


@dataclass(frozen=True, slots=True)
class Parameter:
    """`default` is None where an argument must be given; one that is `by_name` is never given by position."""

    name: str
    default: str | None = None
    by_name: bool = False

    def __str__(self) -> str:
        return self.name if self.default is None else f"{self.name} = {self.default}"


def parameters(definition: Definition) -> tuple[Parameter, ...]:
    """What a use can be given, in order; the width and the stride that every block and cell take come last."""
    what = definition.what
    if isinstance(what, tree.Alias):
        return _named((), ("width", "stride"))
    if isinstance(what, tree.Block | tree.Graph):
        own = (Parameter(p.name.text, text(p.default) if p.default else None) for p in what.parameters)
        return _named(tuple(own), ("width", "stride"))
    if not isinstance(what, Primitive):
        return ()
    own = (
        Parameter(p.name, None if p.required else _shown(p.default))
        for p in what.parameters
        if what.role == "input" or p.name not in ("width", "layout")
    )
    return _named(tuple(own), ("width",) if what.sets_width else ())


def signature(name: str, definition: Definition) -> str:
    """`sep_conv(k, stride = 1)`; a cell with its ports."""
    what = definition.what
    shown = [str(p) for p in parameters(definition) if not p.by_name]
    if isinstance(what, tree.Graph):
        shown = [port.span.text for port in what.ports] + shown
    return f"{name}({', '.join(shown)})" if shown else name


def summary(definition: Definition) -> str:
    """What a person reads of it: a primitive's own words, or the comment above a declaration."""
    what = definition.what
    return what.summary if isinstance(what, Primitive) else comment_above(what.span)


def comment_above(span: Span) -> str:
    """The comment lines that stand directly over a declaration."""
    number, lines = span.source.position(span.start)[0] - 1, list[str]()
    while number >= 1 and (line := span.source.line(number).strip()).startswith("#"):
        if line.startswith("# ----"):
            break
        lines.insert(0, line.lstrip("# "))
        number -= 1
    return " ".join(lines)


def _named(own: tuple[Parameter, ...], extra: tuple[str, ...]) -> tuple[Parameter, ...]:
    names = {p.name for p in own}
    return (*own, *(Parameter(name, "", True) for name in extra if name not in names))


def _shown(default: object) -> str:
    return "..." if default is None else str(default)
