"""What the expansion of a tree to a skeleton carries along: parameters, graphs made so far, decisions collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from nasdsl.compiler.names import Definition, Scope
from nasdsl.diagnostics import Diagnostic, Label, NasdslError, error
from nasdsl.ops.primitive import Value
from nasdsl.source import Span
from nasdsl.space import skeleton as sk
from nasdsl.space.group import Decision, Written
from nasdsl.space.model import Entry
from nasdsl.syntax import tree
from nasdsl.syntax.printer import template

MOST_STEPS = 30_000
MOST_ELEMENTS = 1_000
MOST_NESTED = 50
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Template:
    """A block or primitive that still needs arguments."""

    name: str
    found: Definition


@dataclass(frozen=True)
class TemplateChoice:
    """One of several templates, decided at `path` before any of them is given its arguments."""

    path: str
    alternatives: tuple[Template | TemplateChoice, ...]


# What a `let` or a parameter stands for.
Held = sk.Number | sk.Step | Template | TemplateChoice
# What a body uses its parameters as, and where: a number, an operation, or a template that it gives arguments.
Kind = Literal["number", "operation", "template"]
Uses = dict[str, tuple[Kind, Span]]


@dataclass(frozen=True)
class Context:
    """Where an expression stands: the names around it, and the parameters and shared choices of its body."""

    scope: Scope
    symbols: frozenset[str] = frozenset()
    lets: Mapping[str, Held] = field(default_factory=dict)
    # What the body of a block uses its parameters as, while it is read.
    uses: Uses | None = None
    # Whether steps here fill the window of a net, so that a `tap` can stand among them.
    in_net: bool = False

    def with_let(self, name: str, value: Held) -> Context:
        return replace(self, lets={**self.lets, name: value})

    def open(self, name: str) -> bool:
        """Whether a name is a parameter of a block whose kind its body shows."""
        return self.uses is not None and name in self.symbols and name not in self.lets

    def used(self, name: str, kind: Kind, span: Span) -> None:
        """Note what a parameter is used as; E0250 where that is two things."""
        if self.uses is None or name not in self.symbols:
            return
        first, at = self.uses.setdefault(name, (kind, span))
        if first != kind:
            number = "number" in (first, kind)
            what = "a number and as an operation" if number else "an operation with arguments and without"
            raise error("E0250", f"`{name}` is used as {what}", span, "one use", labels=declared_label("the other", at))


@dataclass
class Slot:
    """The decisions met while one written place is expanded, and which of them are holes in its text.

    `name` is what stands there, an operation or a block; it tells paths apart that would be alike.
    """

    name: str = "choice"
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

    def assignments(self, decisions: Iterable[Decision]) -> None:
        self.entries.extend(map(assigned, decisions))


def assigned(decision: Decision) -> Entry:
    """A decision that a genotype shows on a line of its own: `path = value`."""
    return Entry(decision.path, "", (Written((0,), (decision,)),))


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
    nets: dict[str, sk.Net] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    lets: dict[tuple[int, str], Held] = field(default_factory=dict)
    # The hyper-parameters of the file, in order.
    hypers: dict[str, sk.Hyper] = field(default_factory=dict)
    constants: dict[tuple[int, str], Value] = field(default_factory=dict)
    # The constraints that stand beside the declarations of the file.
    requires: list[sk.Test] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    stack: list[tuple[str, Span]] = field(default_factory=list)
    steps: int = 0
    # Blocks that decide nothing: what they expand to, and in how many steps.
    bodies: dict[int, tuple[sk.Chain, int]] = field(default_factory=dict)
    # By block, what its body uses its parameters as.
    uses: dict[int, Uses] = field(default_factory=dict)
    # How often a mistake was met, those that had been reported among them.
    failures: int = 0
    # What was reported once: declarations that contain themselves, graphs with a mistake.
    circles: set[frozenset[str]] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    # The paths that decisions have.
    claimed: set[str] = field(default_factory=set)

    def named(self, name: str, home: Scope) -> str:
        """What a declaration is called in paths: one that the root does not import stands behind its file's name."""
        if home is self.root:
            return name
        found = self.root.names.get(name)
        return name if found is not None and found.home is home else f"{home.prefix}.{name}"

    def owner(self, key: str, span: Span, scope: Scope) -> Owner:
        """The owner of a declared name; what the root file declares or copies stands where it does so."""
        written = scope is self.root or span.source is self.root.source
        place = (span.start if written else -1, len(self.owners))
        return self.owners.setdefault(key, Owner(place))

    def claim(self, path: str, name: str, *, leaf: bool = False) -> str:
        """A path of its own for a decision: `path`, or with `name` in it where another decision has that path.

        With `leaf` the last part of the path names an argument: `op[0].k`, then `op[0].avg_pool.k`.
        """
        base, _, last = path.rpartition(".") if leaf else (path, "", "")
        found, again = path, 0
        while found in self.claimed:
            found = ".".join(part for part in (base, f"{name}[{again}]" if again else name, last) if part)
            again += 1
        self.claimed.add(found)
        return found

    def entries(self, declared: Set[str], paths: Set[str]) -> tuple[Entry, ...]:
        """The entries of the names in `declared`, and of the shared choices that are asked at one of `paths`."""
        kept = [
            owner
            for name, owner in self.owners.items()
            if name in declared or any(d.path in paths for entry in owner.entries for d in entry.decisions)
        ]
        return tuple(entry for owner in sorted(kept, key=lambda o: o.place) for entry in owner.entries)

    def count_step(self, span: Span, steps: int = 1) -> None:
        """Stop a file that would unroll without end."""
        before, self.steps = self.steps, self.steps + steps
        if before > MOST_STEPS:
            raise NasdslError(())
        if self.steps > MOST_STEPS:
            callers = (at for _, at in reversed(self.stack) if not at.source.library)
            where = next(callers, span) if span.source.library else span
            raise error(
                "E0240", f"the space unrolls to more than {MOST_STEPS:,} steps", where, "the limit is met here",
                helps=("lower the counts of `repeat` and of arrays",),
            )  # fmt: skip

    @contextmanager
    def inside(self, name: str, span: Span) -> Iterator[None]:
        """Mark a declaration as being expanded; E0241 where it contains itself."""
        inner = [entry for entry, _ in self.stack]
        if name in inner:
            circle = [*inner[inner.index(name) :], name]
            # The elements of an array are of one text.
            named = frozenset(n.split("[")[0] for n in circle)
            if named in self.circles:
                raise NasdslError(())
            self.circles.add(named)
            shown = " contains ".join(f"`{n}`" for n in circle)
            raise error("E0241", f"`{name}` contains itself", span, shown, notes=("a space is finite: no recursion",))
        if len(inner) > MOST_NESTED:
            if frozenset() in self.circles:
                raise NasdslError(())
            self.circles.add(frozenset())
            raise error("E0242", f"declarations are nested more than {MOST_NESTED} deep", span, "the innermost")
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
            self.failures += 1
            known = set(self.problems)
            self.problems.extend(d for d in mistake.diagnostics if d not in known)
            if len(self.problems) >= MOST_PROBLEMS:
                # Nobody reads on.
                raise NasdslError(()) from None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Of parts that each keep their mistakes: the whole fails where one did."""
        before = self.failures
        yield
        if self.failures > before:
            raise NasdslError(())


def declared_label(what: str, span: Span | None) -> list[Label]:
    return [Label(span, what)] if span is not None and not span.source.library else []
