"""Names: what each means in a file, where it was declared, and what the library offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from nasdsl.diagnostics import Diagnostic, Label, NasdslError, did_you_mean, error
from nasdsl.ops.primitive import Primitive
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.elsewhere import meant
from nasdsl.syntax.parser import parse

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

    def find(self, name: str, span: Span) -> Definition:
        """The definition of a name; E0201 with the nearest known name where there is none."""
        found = self.names.get(name) or _merges().get(name)
        if found is not None:
            return found
        if name in self.failed:
            raise NasdslError(())
        modules = [m for m in (*LIBRARY, "primitives") if name in library(m).names]
        helps = did_you_mean(name, [*self.names, *_merges()])
        if modules:
            helps = (f"use {modules[0]} ({name})",)
        elif here := meant(name):
            base = here[0].split("(")[0]
            brought = [f"use {m} ({base})" for m in LIBRARY if base not in self.names and base in library(m).names]
            helps = (*here, *brought[:1])
        elif not helps:
            every = {other: m for m in reversed(LIBRARY) for other in library(m).names}
            for close in get_close_matches(name, list(every), n=1):
                helps = (f"did you mean `{close}`? use {every[close]} ({close})",)
        raise error("E0201", f"`{name}` is not declared here", span, "unknown name", helps=helps)


LIBRARY = ("vision", "detection")


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
        scope = Scope(source, tree.File(Span(source, 0, 0), source, ()))
        offered = {name: p for name, p in PRIMITIVES.items() if p.role != "input"}
        scope.names.update({name: Definition(p, scope, None) for name, p in offered.items()})
        return scope
    path = Path(__file__).parent.parent / "library" / f"{module}.nas"
    text = path.read_text(encoding="utf-8")
    scope = declare(parse(SourceFile(f"library/{module}.nas", text, library=True)))
    if scope.problems:
        raise NasdslError(scope.problems)
    return scope


def declare(file: tree.File) -> Scope:
    """The scope of a file. Unknown imports and repeated names are collected in `problems`."""
    scope = Scope(file.source, file)
    for item in file.items:
        if isinstance(item, tree.Use):
            _import(scope, item)
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
    if item.module not in (*LIBRARY, "primitives"):
        scope.problems.append(
            Diagnostic(
                "E0210", f"there is no library `{item.module}`", item.span, "unknown library",
                notes=(
                    "the shipped libraries are " + ", ".join(LIBRARY),
                    "this version of nasdsl does not have imports from other files",
                ),
                helps=did_you_mean(item.module, LIBRARY),
            )
        )  # fmt: skip
        scope.failed.update(name.text for name in item.names or ())
        return
    offered = library(item.module)
    if item.names is None:
        names = ", ".join(list(offered.names)[:3])
        scope.problems.append(
            Diagnostic(
                "E0211", "an import names what it brings", item.span, "no names",
                helps=(f"use {item.module} ({names})",),
            )
        )  # fmt: skip
        scope.failed.update(offered.names)
        return
    for name in item.names:
        found = offered.names.get(name.text)
        if found is None:
            others = [m for m in LIBRARY if m != item.module and name.text in library(m).names]
            helps = [f"use {m} ({name.text})" for m in others] or list(did_you_mean(name.text, offered.names))
            scope.problems.append(
                Diagnostic(
                    "E0212", f"library `{item.module}` has no `{name.text}`", name.span, "unknown name",
                    helps=tuple(helps),
                )
            )  # fmt: skip
            scope.failed.add(name.text)
            continue
        scope.imported[name.text] = name.span
        _add(scope, name.text, found, name.span)
