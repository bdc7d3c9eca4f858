"""A space as the declarations of one flat file: nothing imported but primitives, no `param`, every copy a declaration.

A `fresh` inside a block, or in a repetition whose count is a choice, is not one copy: there the word stays.

Rank order follows the order of declarations, so every declaration keeps its place; a copy made by `fresh` in a net
stands behind that net, where its decisions count, and what other files declare stands first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from nasdsl.compiler.copies import Copies, Copy
from nasdsl.compiler.expansion import Context
from nasdsl.compiler.load import Expanded, choose_root
from nasdsl.compiler.names import Definition, Scope
from nasdsl.compiler.quantities import parameter
from nasdsl.compiler.rewrite import Rewriting, lookup, parts
from nasdsl.ops.primitive import Primitive, Value
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.source import Span
from nasdsl.syntax import tree
from nasdsl.syntax.tables import tables

Place = tuple[int, int]


def flat(expanded: Expanded, net: str | None = None, *, named: bool = False) -> tuple[tree.Item, ...]:
    """The declarations that a root of a file reaches, its named genotypes left out. E0231 where there is no such net.

    A parameter is written as its value, or `named` as a `let` of one value: `conv(3)` and `conv(K)` are two
    alternatives, and stay two only by their names.
    """
    return _Flattening(expanded, choose_root(expanded.scope, net, False), named).items()


@dataclass
class _Flattening:
    """One flattening: what is reached, what it is called, and the copies that a net makes."""

    expanded: Expanded
    root: Definition
    named: bool
    reached: dict[int, Definition] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)  # every name written anywhere in what is reached
    names: dict[int, str] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    needed: dict[int, Definition] = field(default_factory=dict)  # by what stands in the flat file
    waiting: list[Definition] = field(default_factory=list)  # of either, what was not looked at yet

    def items(self) -> tuple[tree.Item, ...]:
        scope = self.expanded.scope
        asked = [item for item in scope.file.items if isinstance(item, tree.Require | tree.Hyper)]
        self.reach(self.root)
        for item in asked:
            self.words.update(_words(item))
            self.rewriting(scope, self.reaching).rewritten(item)
        for found in self.drained():
            if not isinstance(found.what, Primitive | tree.Param):
                self.words.update(_words(found.what))
                self.rewriting(found.home, self.reaching).rewritten(found.what)
        self.name()
        placed = [((item.span.start, 0), self.rewriting(scope, self.renamed).rewritten(item)) for item in asked]
        self.need(self.root)
        placed += [(self.place(found), self.declared(found)) for found in self.drained()]
        placed += [((copy.at.start, i), self.copied(copy.of, copy.name)) for i, copy in enumerate(self.copies)]
        placed += [(self.place(found), self.declared(found)) for found in self.drained()]
        return (*self.uses(), *(item for _, item in sorted(placed, key=lambda pair: pair[0])))

    def drained(self) -> Iterator[Definition]:
        """What waits, and what comes to wait meanwhile."""
        while self.waiting:
            yield self.waiting.pop(0)

    # ---- what is reached ----

    def reach(self, found: Definition) -> None:
        if id(found.what) not in self.reached:
            self.reached[id(found.what)] = found
            self.waiting.append(found)

    def reaching(self, found: Definition, args: tuple[tree.Arg, ...] | None, use: Any) -> tree.Expr:
        self.reach(found)
        return use if args is None else use.but(args=args)  # type: ignore[no-any-return]

    def rewriting(self, scope: Scope, meaning: Any) -> Rewriting:
        """A rewriting of what stands in a file, whose file-level names get a meaning; others stay as they are."""

        def used(name: str, args: tuple[tree.Arg, ...] | None, use: Any) -> tree.Expr:
            found = lookup(scope, name)
            if found is None:
                return use if args is None else use.but(args=args)  # type: ignore[no-any-return]
            return meaning(found, args, use)  # type: ignore[no-any-return]

        return Rewriting(used)

    # ---- names ----

    def name(self) -> None:
        """A name for everything reached: its own where it can be. Primitives cannot be renamed, so they come first."""
        taken = self.words | set(self.expanded.scope.names) | set(tables().words)
        moved, local = self.moved(), self.local()
        given: set[str] = set()
        every = (found for found in self.reached.values() if self.named or not isinstance(found.what, tree.Param))
        for found in sorted(every, key=self.rank):
            name = own = _own_name(found)
            if own in given or (id(found.what) in moved and own in local):
                stem = own if found.home is self.expanded.scope else f"{_stem(found.home)}_{own}"
                name = next(n for n in _numbered(stem) if n not in taken | given)
            given.add(name)
            self.names[id(found.what)] = name
        self.words = taken | given

    def moved(self) -> set[int]:
        """What the arguments of `cell r = fresh f(k = c)` name: they move to every use of `r`."""
        found: set[int] = set()
        for alias in (each for each in self.reached.values() if self.becomes_graph(each)):
            for part in parts(self.presets(alias)):
                named = lookup(alias.home, part.name) if isinstance(part, tree.Ref) else None
                found |= {id(named.what)} if named is not None else set()
        return found

    def local(self) -> set[str]:
        """The parameters and shared choices of all bodies."""
        inner = (part for found in self.reached.values() for part in parts(found.what) if part is not found.what)
        return {part.name.text for part in inner if isinstance(part, tree.Let | tree.Parameter)}

    def rank(self, found: Definition) -> int:
        return 0 if isinstance(found.what, Primitive) else 1 if found.home is self.expanded.scope else 2

    def new_name(self, copied: Definition) -> str:
        """A name for a copy: the copied graph's with a number."""
        stem = self.names[id(copied.what)]
        name = next(f"{stem}_{i}" for i in count(1) if f"{stem}_{i}" not in self.words)
        self.words.add(name)
        return name

    def uses(self) -> Iterator[tree.Use]:
        """The imports: operations written in Python are all that cannot be written down."""
        modules: dict[str, list[str]] = {}
        for found in self.needed.values():
            if isinstance(found.what, Primitive) and not _everywhere(found.what):
                modules.setdefault(found.home.source.name, []).append(found.what.name)
        for module, names in sorted(modules.items()):
            span = self.expanded.scope.file.span
            yield tree.Use(span, module, tuple(tree.Identifier(span, name) for name in sorted(names)))

    # ---- places ----

    def place(self, found: Definition) -> Place:
        """Where a declaration stands: in the root file's order, behind all that other files declare."""
        assert not isinstance(found.what, Primitive)
        if found.home is self.expanded.scope:
            return found.what.span.start, 0
        key = self.expanded.x.named(_own_name(found), found.home)
        owners = list(self.expanded.x.owners)
        made = [i for i, owner in enumerate(owners) if owner.partition("[")[0] == key]
        return -1, made[0] if made else -1

    # ---- what becomes of a declaration ----

    def need(self, found: Definition) -> None:
        if id(found.what) not in self.needed:
            self.needed[id(found.what)] = found
            self.waiting += [] if isinstance(found.what, Primitive) else [found]

    def declared(self, found: Definition) -> tree.Item:
        what: Any = found.what
        if isinstance(what, tree.Param):
            return tree.Let(what.span, tree.Identifier(what.span, self.names[id(what)]), self.value(found))
        if isinstance(what, tree.Alias) and self.becomes_graph(found):
            return self.copied(self.target(found), self.names[id(what)])
        if isinstance(what, tree.Net):
            copies = Copies(self.expanded.x, found.home, self.local(), self.new_name)
            what = what.but(parts=copies.written_out(what))
            self.copies += copies.made
        made = self.rewriting(found.home, self.renamed).rewritten(what)
        if made.name is None:
            return made  # type: ignore[no-any-return]
        return made.but(name=tree.Identifier(made.name.span, self.names[id(found.what)]))  # type: ignore[no-any-return]

    def copied(self, of: Definition, name: str) -> tree.Item:
        """A graph once more, under another name."""
        made = self.rewriting(of.home, self.renamed).rewritten(of.what)
        return made.but(name=tree.Identifier(made.name.span, name))  # type: ignore[no-any-return]

    def becomes_graph(self, found: Definition) -> bool:
        """Whether an alias is a copy that is declared as one: not where it would become the root of a file."""
        return (
            isinstance(found.what, tree.Alias)
            and isinstance(found.what.value, tree.Fresh)
            and isinstance(self.root.what, tree.Net)
        )

    def target(self, alias: Definition) -> Definition:
        """The graph that an alias copies or stands for."""
        assert isinstance(alias.what, tree.Alias)
        value = alias.what.value.value if isinstance(alias.what.value, tree.Fresh) else alias.what.value
        found = lookup(alias.home, value.name if isinstance(value, tree.Ref) else value.name.text)
        assert found is not None
        return found

    def value(self, param: Definition) -> tree.Expr:
        assert isinstance(param.what, tree.Param)
        return _literal(parameter(self.expanded.x, param.what, Context(param.home)), param.what.span)

    def renamed(self, found: Definition, args: tuple[tree.Arg, ...] | None, use: Any) -> tree.Expr:
        """A use in the flat file."""
        if isinstance(found.what, tree.Param) and not self.named:
            return self.value(found)
        self.need(found)
        name = self.names[id(found.what)]
        if self.becomes_graph(found) and not isinstance(use, tree.Index | tree.Spread):
            args = self.with_presets(found, args)
        if not args:
            return use.but(name=tree.Identifier(use.name.span, name)) if args is not None else tree.Ref(use.span, name)
        return tree.Call(use.span, tree.Identifier(use.span, name), args)

    def with_presets(self, alias: Definition, args: tuple[tree.Arg, ...] | None) -> tuple[tree.Arg, ...] | None:
        """The arguments of a use, and those of `cell r = fresh f(stride = 2)` that the use does not give itself."""
        target, presets = self.target(alias).what, self.presets(alias)
        if not presets:
            return args
        assert isinstance(target, tree.Graph)
        order = [p.name.text for p in target.parameters]
        told = self.rewriting(alias.home, self.renamed).rewritten(presets)
        given = {arg.name.text if arg.name else order[i] for i, arg in enumerate(args or ())}
        named = [arg if arg.name else arg.but(name=tree.Identifier(arg.span, order[i])) for i, arg in enumerate(told)]
        return (*(args or ()), *(arg for arg in named if arg.name.text not in given))

    def presets(self, alias: Definition) -> tuple[tree.Arg, ...]:
        assert isinstance(alias.what, tree.Alias)
        assert isinstance(alias.what.value, tree.Fresh)
        copied = alias.what.value.value
        return copied.args if isinstance(copied, tree.Call) else ()


def _everywhere(what: Primitive) -> bool:
    return PRIMITIVES.get(what.name) is what and what.role in ("merge", "input")


def _own_name(found: Definition) -> str:
    what: Any = found.what
    if isinstance(what, Primitive):
        return what.name
    return what.name.text if what.name is not None else "net"


def _stem(scope: Scope) -> str:
    return scope.prefix or Path(scope.source.name).stem


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}_{i}" for i in count(2))


def _literal(value: Value, span: Span) -> tree.Expr:
    """A value as it is written."""
    if isinstance(value, str):
        return tree.String(span, value)
    if isinstance(value, tuple):
        return tree.List(span, tuple(tree.Number(span, each) for each in value))
    return tree.Number(span, value)


def _words(part: tree.Tree) -> Iterator[str]:
    """Every name written in a tree."""
    for each in parts(part):
        if isinstance(each, tree.Identifier):
            yield each.text
        elif isinstance(each, tree.Ref):
            yield each.name
