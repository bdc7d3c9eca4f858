"""What the imports of one file reach: the shipped library, plug-ins, and other files, each read once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from nasdsl.compiler.files import SUFFIX, Files
from nasdsl.compiler.names import LIBRARY, SHIPPED, Definition, Scope, declare, library
from nasdsl.diagnostics import Diagnostic, NasdslError, error
from nasdsl.ops import plugins
from nasdsl.ops.plugins import Plugin
from nasdsl.ops.registry import clash
from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse
from nasdsl.syntax.tables import tables

MOST_FILES = 100
MOST_NESTED = 20


class Imports:
    """The state of reading one root file's imports."""

    def __init__(self, file: tree.File, ops: Sequence[str] = (), held: Mapping[str, str] | None = None) -> None:
        """`ops` names the Python modules of plug-ins; E0280 or E0281 where one of them is none."""
        self.files = Files(file.source, held)
        self.scopes: dict[str, Scope] = {}
        # Which file each import by path reached, by the file it stands in.
        self.links: dict[str, dict[tree.String, str]] = {}
        self.plugins: dict[str, Plugin] = {name: plugins.load(name) for name in ops}
        self._modules: dict[str, Scope] = {}
        # The files and modules being read, outermost first.
        self._open: list[str] = [self.files.root]
        self._prefixes = {name: name for name in (*SHIPPED, *_names(file))}

    # ---- modules ----

    def offering(self) -> tuple[str, ...]:
        """The modules that can be imported by name, those of plug-ins first."""
        return tuple(dict.fromkeys((*(m for p in self.plugins.values() for m in p.modules), *LIBRARY)))

    def module(self, name: str, at: Span) -> Scope | None:
        """A module of the library or of plug-ins, None where there is none."""
        if name not in self._modules:
            offering = [p for p in self.plugins.values() if name in p.modules]
            if not offering:
                return library(name) if name in SHIPPED else None
            with self.opened(name, at):
                self._modules[name] = self._extended(name, offering, at)
        return self._modules[name]

    def install(self, name: str, at: Span) -> bool:
        """Loads the installed plug-ins that are registered for a module; whether there were any new."""
        new = [plugin for plugin in plugins.installed(name) if plugin not in self.plugins]
        for plugin in new:
            self.plugins[plugin] = loaded = plugins.load(plugin)
            if name not in loaded.modules:
                raise error("E0280", f"the plug-in `{plugin}` is installed for `{name}` and does not offer it", at)
            self._modules.pop(name, None)
        return bool(new)

    def _extended(self, name: str, offering: Sequence[Plugin], at: Span) -> Scope:
        source = SourceFile(name, "")
        scope = Scope(source, tree.File(Span(source, 0, 0), source, ()), prefix=self.prefix(name))
        owners: dict[str, str] = {}
        if name in SHIPPED:
            scope.names.update(library(name).names)
        for plugin in offering:
            own = {p.name: Definition(p, scope, None) for p in plugin.operations.get(name, ())}
            declared = self._declared(name, plugin, {**scope.names, **own}, at) if name in plugin.libraries else {}
            for each, definition in (*own.items(), *declared.items()):
                earlier = scope.names.setdefault(each, definition)
                if earlier.what is not definition.what:
                    raise clash(plugin.name, f"`{each}` in the module `{name}`", owners.get(each, "nasdsl"))
                owners.setdefault(each, plugin.name)
            implied = {p.name for p in plugin.operations.get(name, ()) if p.role != "operation"}
            scope.implied.update({each: own[each] for each in implied})
        return scope

    def _declared(
        self, name: str, plugin: Plugin, given: Mapping[str, Definition], at: Span
    ) -> Mapping[str, Definition]:
        """The blocks of a plug-in's module; what the module has besides is in scope there."""
        source = SourceFile(f"{name}.nas of the plug-in {plugin.name}", plugin.libraries[name], imported=at)
        made = declare(parse(source), self, given=given, prefix=self.prefix(name))
        if made.problems:
            raise NasdslError(made.problems)
        return made.names

    # ---- files ----

    def file(self, path: tree.String, importer: Scope, problems: list[Diagnostic]) -> Scope:
        """The file at a path; what is wrong inside is added to `problems` when it is read."""
        key = self.files.key(path, importer.key)
        self.links.setdefault(importer.key, {})[path] = key
        with self.opened(key, path.span):
            if key not in self.scopes:
                self.scopes[key] = read = self._file(key, path)
                problems += read.problems
        return self.scopes[key]

    def _file(self, key: str, path: tree.String) -> Scope:
        if len(self.scopes) == MOST_FILES:
            raise error("E0273", f"a space is made of at most {MOST_FILES} imported files", path.span)
        source = self.files.source(key, path)
        try:
            return declare(parse(source), self, key=key, prefix=self.prefix(key))
        except NasdslError as mistake:
            # It declares nothing that can be relied on; what it was meant to declare is not reported as missing.
            nothing = Scope(source, tree.File(Span(source, 0, 0), source, ()), broken=True)
            nothing.problems += mistake.diagnostics
            return nothing

    @contextmanager
    def opened(self, key: str, at: Span) -> Iterator[None]:
        """Mark a file or module as being read; E0270 where it imports itself, E0273 where that goes too deep."""
        if key in self._open:
            first, *others = (f"`{k}`" for k in (*self._open[self._open.index(key) :], key))
            circle = f"{first} imports " + ", which imports ".join(others)
            notes = ("what both need goes into a third file",) if key != self._open[-1] else ()
            raise error("E0270", f"`{key}` imports itself", at, circle, notes=notes)
        if len(self._open) > MOST_NESTED:
            raise error("E0273", f"imports are nested more than {MOST_NESTED} deep", at, "the innermost")
        self._open.append(key)
        try:
            yield
        finally:
            self._open.pop()

    def prefix(self, key: str) -> str:
        """What a file's or module's own names stand behind in the text of a genotype: a name no other has."""
        if key not in self._prefixes:
            stem = re.sub(r"\W", "_", key.rpartition("/")[2].removesuffix(SUFFIX), flags=re.ASCII)
            if not stem.isidentifier():
                stem = f"_{stem}"
            made = base = f"{stem}_" if stem in tables().words else stem
            number = 1
            while made in self._prefixes.values():
                number += 1
                made = f"{base}_{number}"
            self._prefixes[key] = made
        return self._prefixes[key]


def _names(file: tree.File) -> set[str]:
    """Every name of a root file, declared or imported."""
    names: set[str] = set()
    for item in file.items:
        if isinstance(item, tree.Use):
            names.update(name.text for name in item.names or ())
        elif (name := getattr(item, "name", None)) is not None:
            names.add(name.text)
    return names
