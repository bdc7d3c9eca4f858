"""The names of one parsed file: where each is declared, and where it is used. No import is followed for it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from nasdsl.source import Span
from nasdsl.syntax import tree

Kind = Literal[
    "import", "param", "hyper", "let", "ops", "cell", "motif", "block", "net", "genotype",
    "port", "node", "parameter", "stage", "label", "tap",
]  # fmt: skip

# What only a path can name: `search.s1.b`.
PATHS_ONLY = frozenset({"genotype", "stage", "label", "tap"})


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """One declared name. `extent` is its whole declaration, `visible` where the bare name means it.

    A net without a name is called `net`, and `span` is that keyword. For an import `extent` is the whole `use`.
    """

    name: str
    kind: Kind
    span: Span
    extent: Span
    visible: Span
    container: Symbol | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One use of a name. `symbol` is None where it is nothing this file declares: a merge, `earlier`, a mistake.

    `role` is `argument` for `k` in `conv(k = 3)`, `path` for a step of a genotype's path or what follows a dot.
    """

    name: str
    span: Span
    symbol: Symbol | None
    role: Literal["name", "argument", "path"] = "name"


class Symbols:
    """Every declaration and every reference of a file, each in source order."""

    def __init__(
        self, declarations: tuple[Symbol, ...], references: tuple[Reference, ...], requires: tuple[Span, ...]
    ) -> None:
        self.declarations = declarations
        self.references = references
        self._requires = requires
        places: list[Symbol | Reference] = [*declarations, *references]
        self._places = sorted(places, key=lambda p: p.span.start)
        self._starts = [p.span.start for p in self._places]
        self._uses: dict[Symbol, list[Reference]] = {}
        for reference in references:
            if reference.symbol is not None:
                self._uses.setdefault(reference.symbol, []).append(reference)

    def at(self, offset: int) -> Symbol | Reference | None:
        """The name that stands at an offset; its end belongs to it, as a cursor may stand there."""
        i = bisect_right(self._starts, offset) - 1
        return self._places[i] if i >= 0 and offset <= self._places[i].span.end else None

    def references_to(self, symbol: Symbol) -> tuple[Reference, ...]:
        return tuple(self._uses.get(symbol, ()))

    def visible(self, offset: int) -> tuple[Symbol, ...]:
        """What can be named at an offset, as declared; a name hidden by an inner one is left out."""
        required = any(span.start <= offset <= span.end for span in self._requires)
        kinds = {"genotype"} if required else PATHS_ONLY
        found: dict[str, Symbol] = {}
        for s in self.declarations:
            if s.kind not in kinds and s.visible.start <= offset <= s.visible.end:
                other = found.get(s.name)
                if other is None or _length(s.visible) < _length(other.visible):
                    found[s.name] = s
        return tuple(sorted(found.values(), key=lambda s: s.span.start))


def symbols(file: tree.File) -> Symbols:
    """The index of a file."""
    from nasdsl.syntax.indexing import Indexing

    return Indexing(file).symbols()


def _length(span: Span) -> int:
    return span.end - span.start
