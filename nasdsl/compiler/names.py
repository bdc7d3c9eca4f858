"""Names: what each means in a file, where it was declared, and what the library offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nasdsl.diagnostics import Diagnostic, Label, NasdslError, did_you_mean, error, located, nearest
from nasdsl.ops.primitive import Primitive
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.elsewhere import meant
from nasdsl.syntax.parser import parse

if TYPE_CHECKING:
    from nasdsl.compiler.imports import Imports

Declared = (
    Primitive | tree.Param | tree.Let | tree.Hyper | tree.Ops | tree.Graph | tree.Alias | tree.Block | tree.Net
)  # fmt: skip

# What a name may be called in an error.
KINDS: Mapping[type, str] = {
    Primitive: "an operation", tree.Param: "a parameter", tree.Let: "a shared choice", tree.Hyper: "a hyper-parameter",
    tree.Ops: "a list of operations", tree.Graph: "a graph", tree.Alias: "a cell", tree.Block: "a block",
    tree.Net: "a net",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definition:
    """What a name stands for, and the file in which its own names are looked up."""

    what: Declared
    home: Scope
    span: Span | None


@dataclass(eq=False)
class Scope:
    """The names of one file."""

    source: SourceFile
    file: tree.File
    names: dict[str, Definition] = field(default_factory=dict)
    imported: dict[str, Span] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    # Names whose import failed: their uses are not reported once more.
    failed: set[str] = field(default_factory=set)
    # In scope without being imported: in a text of a plug-in's module, what that module has besides.
    given: Mapping[str, Definition] = field(default_factory=dict)
    # Merges and inputs of the plug-in modules it imports from: in scope without being named.
    implied: dict[str, Definition] = field(default_factory=dict)
    imports: Imports | None = None
    # Its path from the root file's folder, and what its names stand behind in the text of a genotype.
    key: str = ""
    prefix: str = ""
    # Whether it could not be read.
    broken: bool = False

    def find(self, name: str, span: Span) -> Definition:
        """The definition of a name; E0201 with the nearest known name where there is none."""
        found = self.names.get(name) or self.given.get(name) or self.implied.get(name) or _merges().get(name)
        if found is not None and not (isinstance(found.what, Primitive) and found.what.role == "input"):
            return found
        if found is not None:
            raise error("E0213", f"`{name}` is an input; an operation is expected here", span, helps=(f"input {name}",))
        if name in self.failed:
            raise NasdslError(())
        helps = did_you_mean(name, [*self.names, *self.implied, *_merges()])
        offering = dict(self.offering(span))
        modules = [m for m, offered in offering.items() if name in offered.names]
        if modules:
            helps = (f"use {modules[0]} ({name})",)
        elif here := meant(name):
            base = here[0].split("(")[0]
            brought = [f"use {m} ({base})" for m in LIBRARY if base not in self.names and base in library(m).names]
            helps = (*here, *brought[:1])
        elif not helps:
            every = {other: m for m in reversed(offering) if m != "primitives" for other in offering[m].names}
            for close in nearest(name, every):
                helps = (f"did you mean `{close}`? use {every[close]} ({close})",)
        raise error("E0201", f"`{name}` is not declared here", span, "unknown name", helps=helps)

    def offering(self, at: Span) -> Iterator[tuple[str, Scope]]:
        """Every module that can be imported by name, `primitives` last."""
        for module in self.imports.offering() if self.imports is not None else LIBRARY:
            # One that is wrong is reported where it is imported.
            with suppress(NasdslError):
                found = self.imports.module(module, at) if self.imports is not None else library(module)
                if found is not None:
                    yield module, found
        yield "primitives", library("primitives")


LIBRARY = ("vision", "mobile", "detection", "text", "recurrent", "pointwise")
SHIPPED = (*LIBRARY, "primitives")


@cache
def _merges() -> Mapping[str, Definition]:
    """Merges are in scope everywhere."""
    home = Scope(SourceFile("primitives", ""), tree.File(Span(SourceFile("", ""), 0, 0), SourceFile("", ""), ()))
    return {name: Definition(p, home, None) for name, p in PRIMITIVES.items() if p.role == "merge"}


@cache
def library(module: str) -> Scope:
    """A module of the shipped library; `primitives` holds every primitive operation."""
    if module == "primitives":
        source = SourceFile("primitives", "")
        scope = Scope(source, tree.File(Span(source, 0, 0), source, ()), prefix=module)
        offered = {name: p for name, p in PRIMITIVES.items() if p.role in ("operation", "merge")}
        scope.names.update({name: Definition(p, scope, None) for name, p in offered.items()})
        return scope
    path = Path(__file__).parent.parent / "library" / f"{module}.nas"
    text = path.read_text(encoding="utf-8")
    scope = declare(parse(SourceFile(f"library/{module}.nas", text, library=True)), prefix=module)
    if scope.problems:
        raise NasdslError(scope.problems)
    return scope


def declare(
    file: tree.File, imports: Imports | None = None, *, key: str = "", prefix: str = "",
    given: Mapping[str, Definition] | None = None,
) -> Scope:  # fmt: skip
    """The scope of a file. Unknown imports and repeated names are collected in `problems`.

    Without `imports` only the shipped library can be imported. `given` is in scope without being declared.
    """
    scope = Scope(file.source, file, given=given or {}, imports=imports, key=key, prefix=prefix)
    for item in file.items:
        if isinstance(item, tree.Use):
            try:
                _import(scope, item)
            except NasdslError as mistake:
                scope.problems += located(mistake, item.span).diagnostics
                scope.failed.update(name.text for name in item.names or ())
    for item in file.items:
        if isinstance(item, tree.Param | tree.Let | tree.Hyper | tree.Ops | tree.Graph | tree.Alias | tree.Block):
            _add(scope, item.name.text, Definition(item, scope, item.name.span), item.name.span)
        elif isinstance(item, tree.Net):
            name = item.name.text if item.name else "net"
            span = item.name.span if item.name else item.span
            _add(scope, name, Definition(item, scope, span), span)
    return scope


def _add(scope: Scope, name: str, definition: Definition, span: Span) -> None:
    earlier = scope.names.get(name)
    if earlier is None:
        scope.names[name] = definition
        return
    first = scope.imported.get(name) or earlier.span
    labels = [Label(first, "first declared here")] if first else []
    scope.problems.append(
        Diagnostic("E0202", f"`{name}` is declared twice", span, "the second declaration", tuple(labels))
    )


def _import(scope: Scope, item: tree.Use) -> None:
    if item.path is not None and scope.imports is not None:
        offered = scope.imports.file(item.path, scope, scope.problems)
        if offered.broken:
            scope.failed.update(name.text for name in item.names or ())
            return
        names = own_names(offered)
    else:
        offered = module(scope, item)
        names = offered.names
        scope.implied.update(offered.implied)
    if item.names is None:
        written = f'"{item.module}"' if item.path else item.module
        shown = ", ".join(list(names)[:3])
        helps = (f"use {written} ({shown})",) if shown else ()
        scope.failed.update(names)
        raise error("E0211", "an import names what it brings", item.span, "no names", helps=helps)
    for name in item.names:
        found = names.get(name.text)
        if found is not None:
            scope.imported[name.text] = name.span
            _add(scope, name.text, found, name.span)
            continue
        scope.failed.add(name.text)
        if name.text not in offered.failed:
            wrong = not_in_module(scope, item, name, names) if item.path is None else not_in_file(item, name, offered)
            scope.problems += wrong.diagnostics


def module(scope: Scope, item: tree.Use) -> Scope:
    """The module an import names; E0210 where neither the library nor a plug-in has it."""
    imports, name = scope.imports, item.module
    if imports is None:
        if name in SHIPPED and item.path is None:
            return library(name)
        raise error("E0210", f"there is no library `{name}`", item.span, "unknown library")
    found = imports.module(name, item.span)
    lacks = found is None or any(n.text not in found.names for n in item.names or ())
    if lacks and imports.install(name, item.span):
        found = imports.module(name, item.span)
    if found is None:
        offering = imports.offering()
        raise error(
            "E0210", f"there is no library `{name}`", item.span, "unknown library",
            notes=(
                "the libraries are " + ", ".join(offering),
                "operations from Python need `--ops MODULE` or an installed plug-in",
                "a file is imported by its path, as a string",
            ),
            helps=did_you_mean(name, offering),
        )  # fmt: skip
    return found


def own_names(scope: Scope) -> dict[str, Definition]:
    """What other files can import from a file: all that it declares but its nets."""
    return {n: d for n, d in scope.names.items() if n not in scope.imported and not isinstance(d.what, tree.Net)}


def not_in_module(scope: Scope, item: tree.Use, name: tree.Identifier, names: Mapping[str, Definition]) -> NasdslError:
    offering = [m for m, offered in scope.offering(name.span) if m != "primitives" and name.text in offered.names]
    helps = [f"use {m} ({name.text})" for m in offering[:1]] or list(did_you_mean(name.text, names))
    return error(
        "E0212", f"library `{item.module}` has no `{name.text}`", name.span, "unknown name", helps=helps
    )  # fmt: skip


def not_in_file(item: tree.Use, name: tree.Identifier, offered: Scope) -> NasdslError:
    """E0275: why a file gives no such name."""
    found = offered.names.get(name.text)
    for use in offered.file.items:
        if isinstance(use, tree.Use) and any(n.text == name.text for n in use.names or ()):
            where = f"`{item.module}` does not declare `{name.text}`, it imports it"
            helps = () if use.path is not None else (f"use {use.module} ({name.text})",)
            labels = [Label(offered.imported[name.text], "from here")] if name.text in offered.imported else []
            return error("E0275", where, name.span, "not declared there", labels=labels, helps=helps)
        if isinstance(use, tree.GenotypeBlock) and use.name.text == name.text:
            return error(
                "E0275", f"`{name.text}` is a genotype, and belongs to its file", name.span, "cannot be imported"
            )
    if found is not None:
        return error("E0275", f"`{name.text}` is a net, and belongs to its file", name.span, "cannot be imported")
    known = own_names(offered)
    return error(
        "E0275", f"`{item.module}` declares no `{name.text}`", name.span, "unknown name",
        notes=(f"it declares {', '.join(known)}",) if known and len(known) < 10 else (),
        helps=did_you_mean(name.text, known),
    )  # fmt: skip
