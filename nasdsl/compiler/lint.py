"""Warnings about names in a file without errors: what is unused, shadowed, never delivered, or shared unawares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from nasdsl.compiler.load import Expanded
from nasdsl.compiler.names import Scope
from nasdsl.compiler.sharing import shared_choices
from nasdsl.compiler.undelivered import undelivered
from nasdsl.compiler.unused import unused, word
from nasdsl.diagnostics import Diagnostic, Label
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.syntax import tree
from nasdsl.syntax.symbols import PATHS_ONLY, Symbol, Symbols, symbols

# Words that mean something wherever they stand, so that a name like them is hard to reach or hard to read.
WORDS: Final[Mapping[str, str]] = {
    "earlier": "all ports and nodes before a node", "prev": "the value before a node",
    "unused": "the values that nobody has read", "free": "an open width, in `width free`",
    "shared": "a width that readers share out, in `width shared`",
    "stride": "the stride that a body receives",
}  # fmt: skip


def warnings(file: tree.File, whole: Expanded) -> list[Diagnostic]:
    """Everything to warn of in a file that expands; nothing in the shipped library."""
    if file.source.library:
        return []
    index = symbols(file)
    return [
        *unused(file, index),
        *shadowed(index, whole.scope),
        *undelivered(file, index, whole.x.graphs),
        *shared_choices(file, index, whole),
    ]


def shadowed(index: Symbols, scope: Scope) -> Iterator[Diagnostic]:
    """W0202 for a name that already means something where it is declared."""
    named: dict[str, list[Symbol]] = {}
    for symbol in index.declarations:
        if symbol.kind not in PATHS_ONLY:
            named.setdefault(symbol.name, []).append(symbol)
    for name, declared in named.items():
        for symbol in declared:
            hidden = [other for other in declared if _hides(symbol, other)]
            if hidden:
                other = min(hidden, key=lambda s: s.visible.end - s.visible.start)
                what = "an imported name" if other.kind == "import" else f"the {word(other)} `{name}`"
                there = Label(other.span, "imported here" if other.kind == "import" else f"the {word(other)}")
                yield _shadow(symbol, what, f"here it is a {word(symbol)}", there)
            elif name in WORDS and (name, symbol.kind) != ("stride", "parameter"):
                yield _shadow(symbol, "a word of the language", f"`{name}` stands for {WORDS[name]}")
            elif _is_merge(name) and not (symbol.kind == "import" and scope.names[name].what is PRIMITIVES[name]):
                yield _shadow(symbol, "a merge", f"the merge `{name}` can be named everywhere")


def _hides(symbol: Symbol, other: Symbol) -> bool:
    """Whether `other` could be named where `symbol` is declared."""
    if symbol.container is None or other is symbol:
        return False
    return other.container is None or (
        other.visible.start <= symbol.span.start < other.visible.end and other.span.start < symbol.span.start
    )


def _is_merge(name: str) -> bool:
    return name in PRIMITIVES and PRIMITIVES[name].role == "merge"


def _shadow(symbol: Symbol, what: str, label: str, *labels: Label) -> Diagnostic:
    return Diagnostic(
        "W0202", f"{word(symbol)} `{symbol.name}` is called like {what}", symbol.span, label, labels,
        helps=(f"another name, for example `{symbol.name}_2`",), severity="warning",
    )  # fmt: skip
