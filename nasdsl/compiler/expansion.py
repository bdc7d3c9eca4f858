"""What the expansion of a tree to a skeleton carries along: parameters, graphs made so far, decisions collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from nasdsl.compiler.names import Scope
from nasdsl.diagnostics import Diagnostic, Label, NasdslError, error
from nasdsl.ops.primitive import Value
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision, Written
from nasdsl.space.model import Entry
from nasdsl.syntax import tree
from nasdsl.syntax.printer import template

MOST_STEPS = 100_000
MOST_ELEMENTS = 1_000


@dataclass(frozen=True)
class Context:
    """Where an expression stands: the names around it, and the parameters and shared choices of its body."""

    scope: Scope
    symbols: frozenset[str] = frozenset()
    lets: Mapping[str, sk.Number | sk.Step] = field(default_factory=dict)

    def with_let(self, name: str, value: sk.Number | sk.Step) -> Context:
        return replace(self, lets={**self.lets, name: value})


@dataclass
class Slot:
    """The decisions met while one written place is expanded, and which of them are holes in its text."""

    decisions: list[Decision] = field(default_factory=list)
    holes: dict[int, int] = field(default_factory=dict)

    def add(self, expr: tree.Expr, decision: Decision) -> None:
        self.holes[id(expr)] = len(self.decisions)
        self.decisions.append(decision)

    def written(self, expr: tree.Expr) -> Written:
        return Written(template(expr, lambda e: self.holes.get(id(e))), tuple(self.decisions))


@dataclass
class Owner:
    """The entries of one declared name, at its place in the file."""

    place: tuple[int, int]
    entries: list[Entry] = field(default_factory=list)

    def clause(self, path: str, clause: str, parts: list[Written]) -> None:
        """Add what a clause decides; decisions inside blocks, which its text cannot show, get entries of their own."""
        if any(isinstance(piece, int) for part in parts for piece in part.text):
            shown = [_only_shown(part) for part in parts]
            self.entries.append(Entry(path, clause, tuple(shown)))
        for part in parts:
            visible = {piece for piece in part.text if isinstance(piece, int)}
            self.assignments(d for i, d in enumerate(part.decisions) if i not in visible)

    def assignments(self, decisions: Iterator[Decision] | list[Decision]) -> None:
        self.entries.extend(Entry(d.path, "", (Written((0,), (d,)),)) for d in decisions)


def _only_shown(part: Written) -> Written:
    kept = [piece for piece in part.text if isinstance(piece, int)]
    renumbered = {old: new for new, old in enumerate(kept)}
    text = tuple(renumbered[p] if isinstance(p, int) else p for p in part.text)
    return Written(text, tuple(part.decisions[i] for i in kept))


@dataclass
class Expansion:
    """The state of one expansion: a file at given parameters."""

    root: Scope
    params: Mapping[str, Value]
    graphs: dict[str, sk.Graph] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    lets: dict[tuple[int, str], sk.Number | sk.Step] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    stack: list[tuple[str, Span]] = field(default_factory=list)
    steps: int = 0

    def owner(self, key: str, span: Span, scope: Scope) -> Owner:
        """The owner of a declared name; those of the root file stand in the order in which they are declared."""
        place = (span.start if scope is self.root else -1, len(self.owners))
        return self.owners.setdefault(key, Owner(place))

    def entries(self) -> tuple[Entry, ...]:
        ordered = sorted(self.owners.values(), key=lambda owner: owner.place)
        return tuple(entry for owner in ordered for entry in owner.entries)

    def count_step(self, span: Span) -> None:
        """Stop a file that would unroll without end."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise error("E0240", f"the space unrolls to more than {MOST_STEPS:,} steps", span, "unrolled here")

    @contextmanager
    def inside(self, name: str, span: Span) -> Iterator[None]:
        """Mark a declaration as being expanded; E0241 where it contains itself."""
        inner = [entry for entry, _ in self.stack]
        if name in inner:
            cycle = " contains ".join(f"`{n}`" for n in [*inner[inner.index(name) :], name])
            raise error("E0241", f"`{name}` contains itself", span, cycle)
        if len(inner) > 50:
            raise error("E0242", "declarations are nested more than 50 deep", span)
        self.stack.append((name, span))
        try:
            yield
        finally:
            self.stack.pop()

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep the mistakes of one declaration or clause, and go on with the next."""
        try:
            yield
        except NasdslError as mistake:
            known = set(self.problems)
            self.problems.extend(d for d in mistake.diagnostics if d not in known)


def declared_label(what: str, span: Span | None) -> list[Label]:
    return [Label(span, what)] if span is not None else []
