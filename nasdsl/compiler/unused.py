"""What a file declares or imports and never uses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from nasdsl.diagnostics import Diagnostic
from nasdsl.source import Span
from nasdsl.syntax import tree
from nasdsl.syntax.symbols import Reference, Symbol, Symbols

_KEEP = "or keep it, and call it `_{}`"
_WARNED = frozenset({"import", "param", "let", "ops", "cell", "motif", "block"})


def word(symbol: Symbol) -> str:
    """What a person calls a declaration."""
    return {"ops": "list", "let": "choice"}.get(symbol.kind, symbol.kind)


def unused(file: tree.File, index: Symbols) -> Iterator[Diagnostic]:
    """W0201 for every declaration that nothing in use names.

    What is used by such a declaration only is told beside it, and not once more: it goes with it.
    """
    uses = _Uses(file, index)
    imports: dict[int, list[str]] = {}
    for symbol in uses.unnamed:
        if symbol.kind == "import":
            imports.setdefault(symbol.extent.start, []).append(symbol.name)
    for symbol in uses.unnamed:
        if symbol.kind == "import":
            yield _imported(symbol, _import_without(symbol.extent, imports[symbol.extent.start]))
        else:
            yield _declared(symbol, uses)
    for symbol in index.declarations:
        if symbol.container is not None and symbol.kind in ("let", "parameter") and uses.missing(symbol):
            yield _local(symbol, symbol.container)


class _Uses:
    """Which declarations of the file use which, and what a root reaches."""

    def __init__(self, file: tree.File, index: Symbols) -> None:
        self.index = index
        self.top = [s for s in index.declarations if s.container is None and s.kind != "import"]
        self.starts = [s.extent.start for s in self.top]
        self.users: dict[Symbol, set[Symbol | None]] = {}
        self.used: dict[Symbol | None, set[Symbol]] = {}
        for reference in index.references:
            symbol, user = reference.symbol, self.holder(reference)
            if symbol is not None and self.counts(reference) and user is not symbol:
                self.users.setdefault(symbol, set()).add(user)
                self.used.setdefault(user, set()).add(symbol)
        # The graph that stands for a net where there is none.
        graphs = {item.name.span.start for item in file.items if isinstance(item, tree.Graph)}
        nets = [s for s in self.top if s.kind == "net"]
        self.last_graph = None if nets else next((s for s in reversed(self.top) if s.span.start in graphs), None)
        self.alive = self.reached(*(nets or self.roots()), *self.kept(), None)
        self.unnamed = [
            s
            for s in index.declarations
            if s.container is None and s.kind in _WARNED and s not in self.alive and not self.users.get(s)
        ]

    def roots(self) -> list[Symbol]:
        """Without a net the last graph is there for its own sake; in a file of blocks, all that it offers is."""
        return [self.last_graph] if self.last_graph is not None else self.top

    def kept(self) -> list[Symbol]:
        """Decisions handed to the evaluator, and what its name asks to leave alone."""
        every = (s for s in self.index.declarations if s.container is None)
        return [s for s in every if s.kind == "hyper" or s.name.startswith("_")]

    def holder(self, reference: Reference) -> Symbol | None:
        """The declaration in which a reference stands; None in a constraint of the file."""
        i = bisect_right(self.starts, reference.span.start) - 1
        inside = i >= 0 and reference.span.start < self.top[i].extent.end
        return self.top[i] if inside else None

    def counts(self, reference: Reference) -> bool:
        """The name of an argument uses no parameter, and a genotype uses nothing: both tell what a body shall use."""
        user = self.holder(reference)
        return reference.role != "argument" and (user is None or user.kind != "genotype")

    def reached(self, *roots: Symbol | None) -> set[Symbol | None]:
        found: set[Symbol | None] = set(roots)
        todo = list(roots)
        while todo:
            new = self.used.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return found

    def missing(self, symbol: Symbol) -> bool:
        """Whether a local name is never used, in a declaration that is."""
        top = symbol
        while top.container is not None:
            top = top.container
        named = any(self.counts(r) for r in self.index.references_to(symbol))
        return not named and top in self.alive and not symbol.name.startswith("_")

    def companions(self, symbol: Symbol) -> list[Symbol]:
        """What only this declaration uses, directly or not."""
        closed = self.reached(symbol)
        within = [s for s in self.index.declarations if s in closed and s is not symbol and s.container is None]
        return [s for s in within if s not in self.alive and self.users[s] <= closed]


def _imported(symbol: Symbol, advice: str) -> Diagnostic:
    return Diagnostic(
        "W0201", f"`{symbol.name}` is imported and never used", symbol.span, "unused import", helps=(advice,),
        severity="warning",
    )  # fmt: skip


def _import_without(use: Span, names: list[str]) -> str:
    """The `use` without the names; what to delete where none is left."""
    before, _, listed = use.text.partition("(")
    every = [name for line in listed.rstrip(")").splitlines() for name in line.partition("#")[0].split(",")]
    kept = [name.strip() for name in every if name.strip() and name.strip() not in names]
    return f"{before.strip()} ({', '.join(kept)})" if kept else f"delete `{before.strip()} ({', '.join(names)})`"


def _declared(symbol: Symbol, uses: _Uses) -> Diagnostic:
    notes = []
    if companions := uses.companions(symbol):
        *most, last = [f"`{s.name}`" for s in companions]
        notes.append(f"nothing else uses {', '.join(most)} and {last}" if most else f"nothing else uses {last}")
    if uses.last_graph is not None and symbol.kind in ("cell", "motif"):
        notes.append(f"in a file without a net the last graph stands for it, here `{uses.last_graph.name}`")
    written = symbol.extent.text.partition("{")[0].partition("(")[0].partition("=")[0].strip()
    return Diagnostic(
        "W0201", f"{word(symbol)} `{symbol.name}` is never used", symbol.span, "unused", notes=tuple(notes),
        helps=(f"delete `{written}`", _KEEP.format(symbol.name)), severity="warning",
    )  # fmt: skip


def _local(symbol: Symbol, container: Symbol) -> Diagnostic:
    whose = f"{word(container)} `{container.name}`"
    if symbol.kind == "parameter":
        advice = f"delete `{symbol.extent.text}` from the header, and from every use of `{container.name}`"
    else:
        advice = f"delete `{' '.join(symbol.extent.text.split())}`"
    return Diagnostic(
        "W0201", f"{word(symbol)} `{symbol.name}` of {whose} is never used", symbol.span, "unused",
        helps=(advice, _KEEP.format(symbol.name)),
        severity="warning",
    )  # fmt: skip
