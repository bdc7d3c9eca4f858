"""How the index of names is made: bodies walked in order, then the paths, which may name anything."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final, Literal

from nasdsl.source import Span
from nasdsl.syntax import tree
from nasdsl.syntax.symbols import PATHS_ONLY, Kind, Reference, Symbol, Symbols

# Words that stand for a value or a number, and hide whatever a file calls so.
VALUE_WORDS: Final = frozenset({"earlier", "prev", "unused"})
NUMBER_WORDS: Final = frozenset({"in", "width", "stride"})
BODIES: Final = frozenset({"cell", "motif", "block"})


class Scope:
    """The names of one body: those of values (ports and nodes), and all others."""

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.names: dict[bool, dict[str, Symbol]] = {False: {}, True: {}}

    def add(self, symbol: Symbol) -> None:
        # The first of two stays: the second is the mistake.
        self.names[symbol.kind in ("port", "node")].setdefault(symbol.name, symbol)

    def find(self, name: str, value: bool) -> Symbol | None:
        """What a name means where values, or where anything else is expected; what it means elsewhere if nothing."""
        if value and name in VALUE_WORDS:
            return None
        found = self.of_kind(name, value)
        return found if found is not None or name in VALUE_WORDS | NUMBER_WORDS else self.of_kind(name, not value)

    def of_kind(self, name: str, value: bool) -> Symbol | None:
        found = self.names[value].get(name)
        if found is not None or self.parent is None:
            return found
        if name in NUMBER_WORDS and self.parent.parent is None:
            # `width` in a body is never a name of the file.
            return None
        return self.parent.of_kind(name, value)


class Indexing:
    """The index while it is made. Paths are resolved last, when all that they can name is known."""

    def __init__(self, file: tree.File) -> None:
        self.file = file
        self.declarations: list[Symbol] = []
        self.references: list[Reference] = []
        self.requires: list[Span] = []
        self.top = Scope()
        self.members: dict[Symbol | None, dict[str, Symbol]] = {}
        self.copies: dict[Symbol, str] = {}
        self.later: list[Callable[[], None]] = []
        self.uses: dict[Symbol, list[Symbol]] = {}

    def symbols(self) -> Symbols:
        whole = Span(self.file.source, 0, len(self.file.source.text))
        bodies = [body for item in self.file.items for body in self.header(item, whole)]
        for body in bodies:
            body()
        for path in self.later:
            path()
        ordered = [tuple(sorted(each, key=lambda p: p.span.start)) for each in (self.declarations, self.references)]
        return Symbols(ordered[0], ordered[1], tuple(self.requires))  # type: ignore[arg-type]

    def declare(
        self, name: tree.Identifier, kind: Kind, extent: Span, visible: Span, container: Symbol | None, scope: Scope
    ) -> Symbol:
        made = Symbol(name.text, kind, name.span, extent, visible, container)
        self.declarations.append(made)
        if kind not in PATHS_ONLY:
            scope.add(made)
        if kind != "genotype":
            self.members.setdefault(container, {}).setdefault(name.text, made)
        return made

    def refer(
        self, name: str, span: Span, symbol: Symbol | None, role: Literal["name", "argument", "path"] = "name"
    ) -> None:
        self.references.append(Reference(name, span, symbol, role))

    # ---- declarations ----

    def header(self, item: tree.Item, whole: Span) -> Iterator[Callable[[], None]]:
        """Declare what the whole file can see of an item, its parameters among them; what is left is its body."""
        top = self.top
        match item:
            case tree.Use():
                for name in item.names or ():
                    self.declare(name, "import", item.span, whole, None, top)
            case tree.Param() | tree.Hyper() | tree.Let() | tree.Ops():
                kinds: dict[type, Kind] = {tree.Param: "param", tree.Hyper: "hyper", tree.Let: "let", tree.Ops: "ops"}
                self.declare(item.name, kinds[type(item)], item.span, whole, None, top)
                yield lambda: self.expr(item.value, top)
            case tree.Graph():
                made = self.declare(item.name, item.kind, item.span, whole, None, top)
                scope = Scope(top)
                for port in item.ports:
                    self.declare(port.name, "port", port.span, item.span, made, scope)
                self.parameters(item.parameters, made, scope)
                yield lambda: self.graph(item, made, scope)
            case tree.Alias():
                made = self.declare(item.name, item.kind, item.span, whole, None, top)
                called = item.value.value if isinstance(item.value, tree.Fresh) else item.value
                self.copies[made] = called.name if isinstance(called, tree.Ref) else called.name.text
                yield lambda: self.expr(item.value, top)
            case tree.Block():
                made = self.declare(item.name, "block", item.span, whole, None, top)
                scope = Scope(top)
                self.parameters(item.parameters, made, scope)
                yield lambda: self.block(item, made, scope)
            case tree.Net():
                word = tree.Identifier(Span(item.span.source, item.span.start, item.span.start + len("net")), "net")
                made = self.declare(item.name or word, "net", item.span, whole, None, top)
                yield lambda: self.steps(item.parts, item.span, made, Scope(top))
            case tree.Require():
                self.require(item, None, top)
            case tree.GenotypeBlock():
                self.declare(item.name, "genotype", item.span, whole, None, top)
                self.later.append(lambda: self.genotype(item))

    def parameters(self, parameters: tuple[tree.Parameter, ...], owner: Symbol, scope: Scope) -> None:
        for p in parameters:
            self.declare(p.name, "parameter", p.span, owner.extent, owner, scope)

    def defaults(self, parameters: tuple[tree.Parameter, ...], scope: Scope) -> None:
        for p in parameters:
            self.expr(p.default, scope)

    def graph(self, item: tree.Graph, made: Symbol, scope: Scope) -> None:
        self.expr(item.count, self.top)
        for port in item.ports:
            self.expr(port.levels, scope)
        self.defaults(item.parameters, scope)
        for statement in item.body:
            match statement:
                case tree.Node():
                    self.node(statement, made, scope)
                case tree.Let():
                    self.let(statement, item.span, made, scope)
                case tree.Out():
                    self.expr(statement.value, scope, value=True)
                    if statement.by is not None:
                        self.refer(statement.by.text, statement.by.span, None)
                case tree.Align():
                    self.expr(statement.value, scope)
                case tree.Require():
                    self.require(statement, made, scope)

    def node(self, item: tree.Node, graph: Symbol, scope: Scope) -> None:
        self.expr(item.count, scope)
        # Inside an array its name means the elements before; a single node does not see itself.
        start = item.span.end if item.count is None else item.name.span.end
        visible = Span(item.span.source, start, graph.extent.end)
        after = scope if item.count is not None else Scope()
        made = self.declare(item.name, "node", item.span, visible, graph, after)
        inner = Scope(scope)
        for part in item.clauses:
            if isinstance(part, tree.Let):
                self.let(part, item.span, made, inner, anywhere=True)
        for part in item.clauses:
            if isinstance(part, tree.Clause):
                self.clause(part, inner)
            elif isinstance(part, tree.Require):
                self.require(part, made, inner)
        scope.add(made)

    def clause(self, clause: tree.Clause, scope: Scope) -> None:
        for expr in clause.values:
            self.expr(expr, scope, value=clause.kind in ("from", "absorb"))

    def let(self, item: tree.Let, body: Span, owner: Symbol | None, scope: Scope, *, anywhere: bool = False) -> None:
        """A shared choice; the clauses of a node have no order, elsewhere it is seen from there on."""
        self.expr(item.value, scope)
        visible = body if anywhere else Span(body.source, item.span.end, body.end)
        self.declare(item.name, "let", item.span, visible, owner, scope)

    # ---- chains ----

    def block(self, item: tree.Block, made: Symbol, scope: Scope) -> None:
        self.defaults(item.parameters, scope)
        self.chain(item.body, made, scope)

    def chain(self, body: tree.Chain, owner: Symbol, scope: Scope) -> None:
        self.steps(body.steps, body.span, owner, Scope(scope))

    def steps(self, steps: tuple[tree.Part, ...], body: Span, owner: Symbol, scope: Scope) -> None:
        for step in steps:
            self.step(step, body, owner, scope)

    def step(self, step: tree.Part, body: Span, owner: Symbol, scope: Scope) -> None:
        match step:
            case tree.Let():
                self.let(step, body, owner, scope)
            case tree.Tap():
                self.declare(step.name, "tap", step.span, _holder(owner), owner, scope)
                self.expr(step.value, scope)
            case tree.Labelled():
                made = self.declare(step.name, "label", step.span, _holder(owner), owner, scope)
                self.step(step.step, body, made, scope)
            case tree.Stage() | tree.Input():
                self.part(step, owner, scope)
            case tree.Stem() | tree.Head():
                self.expr(step.value, scope)
            case tree.Repeat():
                self.expr(step.count, scope)
                self.chain(step.body, owner, scope)
            case tree.Branch():
                self.expr(step.merge, scope)
                for each in step.chains:
                    self.chain(each, owner, scope)
            case tree.Shortcut():
                self.chain(step.body, owner, scope)
            case _:
                self.expr(step, scope)

    def part(self, part: tree.Stage | tree.Input, owner: Symbol, scope: Scope) -> None:
        if part.name is not None:
            kind: Kind = "stage" if isinstance(part, tree.Stage) else "label"
            owner = self.declare(part.name, kind, part.span, _holder(owner), owner, scope)
        if isinstance(part, tree.Input):
            self.expr(part.value, scope)
        else:
            self.arguments(part.args, None, scope)
            self.chain(part.body, owner, scope)

    # ---- expressions ----

    def expr(self, expr: object, scope: Scope, *, value: bool = False) -> None:
        """The names in an expression; with `value` its names are of ports and nodes first."""
        match expr:
            case tree.Ref():
                self.refer(expr.name, expr.span, scope.find(expr.name, value))
            case tree.Call():
                called = scope.find(expr.name.text, False)
                self.refer(expr.name.text, expr.name.span, called)
                self.arguments(expr.args, called, scope, value=value)
            case tree.Index():
                self.refer(expr.name.text, expr.name.span, scope.find(expr.name.text, value))
                self.expr(expr.index, scope)
            case tree.Spread():
                self.refer(expr.name.text, expr.name.span, scope.find(expr.name.text, value))
            case tree.Attribute():
                self.later.append(lambda: self.attribute(expr, None, scope))
            case tree.Pick() | tree.Last():
                self.expr(expr.count, scope)
                self.expr(expr.members, scope, value=value)
            case tree.Tree():
                for field in expr.told:
                    self.expr(getattr(expr, field), scope, value=value)
            case tuple():
                for each in expr:
                    self.expr(each, scope, value=value)

    def arguments(
        self, args: tuple[tree.Arg, ...], called: Symbol | None, scope: Scope, *, value: bool = False
    ) -> None:
        for arg in args:
            self.expr(arg.value, scope, value=value)
            if arg.name is not None:
                self.later.append(lambda name=arg.name: self.argument(name, called))  # type: ignore[misc]

    def argument(self, name: tree.Identifier, called: Symbol | None) -> None:
        found = self.inside(called).get(name.text) if called is not None else None
        self.refer(name.text, name.span, found if found is not None and found.kind == "parameter" else None, "argument")

    # ---- what is named by paths ----

    def require(self, item: tree.Require, owner: Symbol | None, scope: Scope) -> None:
        """A constraint names what its body holds, whether declared before or after."""
        self.requires.append(item.span)

        def resolve() -> None:
            within = Scope(scope)
            within.names[False] = dict(self.members.get(owner, {}))
            for part in _parts(item):
                if isinstance(part, tree.Attribute):
                    self.attribute(part, owner, within)
                else:
                    self.expr(part, within)

        self.later.append(resolve)

    def attribute(self, expr: tree.Attribute, owner: Symbol | None, scope: Scope) -> None:
        found = scope.find(expr.name.text, False)
        self.refer(expr.name.text, expr.name.span, found)
        inner = self.member(found, expr.attribute.text) if found is not None else None
        self.refer(expr.attribute.text, expr.attribute.span, inner, "path")

    def genotype(self, item: tree.GenotypeBlock) -> None:
        if item.of is not None:
            self.refer(item.of.text, item.of.span, self.top.find(item.of.text, False))
        for arg in item.args:
            self.expr(arg.value, self.top)
            if arg.name is not None:
                self.refer(arg.name.text, arg.name.span, self.top.find(arg.name.text, False), "argument")
        for fix in item.fixes:
            within = Scope(self.top)
            for symbol in self.inside(self.path(fix.path)).values():
                within.add(symbol)
            for clause in fix.clauses if isinstance(fix, tree.Point) else ():
                self.clause(clause, within)
            if isinstance(fix, tree.Assign):
                self.expr(fix.value, within)

    def path(self, path: tuple[tree.PathPart, ...]) -> Symbol | None:
        """Refer to every name of a path; what comes back is the graph or block its last name lies in."""
        where: Symbol | None = None
        found: Symbol | None = None
        for i, part in enumerate(path):
            if part.name is None:
                self.expr(part.value, self.top)
                continue
            # Behind a dot the span holds the dot too.
            span = Span(part.span.source, part.span.end - len(part.name), part.span.end)
            found = self.top.find(part.name, False) if i == 0 else self.member(where, part.name)
            self.refer(part.name, span, found, "path")
            where = found if found is not None else where
        if where is not None and where.kind in ("node", "let"):
            return where.container
        return where

    def inside(self, symbol: Symbol | None) -> dict[str, Symbol]:
        """What is declared in a body; that of a copy is its original's."""
        seen: set[Symbol] = set()
        while symbol in self.copies and symbol not in seen:
            seen.add(symbol)
            symbol = self.top.find(self.copies[symbol], False)
        return self.members.get(symbol, {}) if symbol is not None else {}

    def member(self, where: Symbol | None, name: str) -> Symbol | None:
        """What a name means behind a dot: declared in that body, else in a body that is used in it."""
        todo = [where] if where is not None else []
        for each in todo:
            found = self.inside(each).get(name)
            if found is not None:
                return found
            todo += [s for s in self.used(each) if s not in todo]
        return None

    @cached_property
    def bodies(self) -> list[tuple[int, Symbol]]:
        """Where cells, motifs and blocks are used, in order."""
        named = ((r.span.start, r.symbol) for r in self.references if r.role == "name" and r.symbol is not None)
        return sorted(((start, s) for start, s in named if s.kind in BODIES), key=lambda pair: pair[0])

    def used(self, where: Symbol) -> list[Symbol]:
        """The bodies used in a declaration, each once, in order."""
        if where not in self.uses:
            first, end = (bisect_left(self.bodies, at, key=lambda pair: pair[0]) for at in _ends(where.extent))
            self.uses[where] = list(dict.fromkeys(symbol for _, symbol in self.bodies[first:end]))
        return self.uses[where]


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _holder(owner: Symbol) -> Span:
    """The whole net or block in which a stage or label can be named."""
    while owner.container is not None:
        owner = owner.container
    return owner.extent


def _parts(item: tree.Require) -> Iterator[tree.Expr]:
    """The smallest parts of comparisons that hold names, sums taken apart."""
    todo: list[tree.Expr] = [side for test in item.tests for side in (test.left, test.right)]
    for expr in todo:
        if isinstance(expr, tree.Binary):
            todo += (expr.left, expr.right)
        else:
            yield expr
