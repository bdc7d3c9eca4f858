"""One text as an editor has it, and what is known of it: each thing found out once, when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.genotypes import nets
from nasdsl.compiler.imports import Imports
from nasdsl.compiler.load import Expanded, expanded
from nasdsl.compiler.names import Definition, Scope, declare
from nasdsl.diagnostics import Diagnostic, NasdslError
from nasdsl.lsp.mending import mended
from nasdsl.source import SourceFile
from nasdsl.space.model import SearchSpace
from nasdsl.syntax import tree
from nasdsl.syntax.symbols import Reference, Symbol, Symbols, symbols


class Document:
    """A text with its name. Names and structure are known of a broken text, too; spaces only of one that compiles."""

    def __init__(
        self, text: str, name: str = "<text>", path: Path | None = None, ops: Sequence[str] = ()
    ) -> None:  # fmt: skip
        """`ops` names the Python modules whose operations the text may import."""
        self.source = SourceFile(name, text, path)
        self.ops = ops

    @cached_property
    def problems(self) -> tuple[Diagnostic, ...]:
        """Everything `check` finds."""
        return diagnostics(self.source, ops=self.ops)

    @cached_property
    def file(self) -> tree.File:
        return mended(self.source)

    @cached_property
    def symbols(self) -> Symbols:
        return symbols(self.file)

    @cached_property
    def scope(self) -> Scope:
        """What the names of the file mean, imports followed."""
        return declare(self.file, self.imports, key=self.imports.files.root)

    @property
    def imports(self) -> Imports:
        """The imports of the file, not read yet; without plug-ins where one of them cannot be had."""
        try:
            return Imports(self.file, self.ops)
        except NasdslError:
            return Imports(self.file)

    @cached_property
    def expanded(self) -> Expanded | None:
        """All declarations expanded; None where one of them has a mistake."""
        try:
            return expanded(self.file, imports=self.imports)
        except NasdslError:
            return None

    @cached_property
    def spaces(self) -> tuple[SearchSpace, ...]:
        """The space of every net, or the one of a file without a net."""
        found: list[SearchSpace] = []
        roots: list[str | None] = [*nets(self.file)]
        if self.expanded is None:
            return ()
        for root in roots or [None]:
            with suppress(NasdslError):
                found.append(self.expanded.space(root))
        return tuple(found)

    def meaning(self, offset: int) -> tuple[Symbol | Reference, Symbol | None] | None:
        """The name at an offset, and the symbol of this file that it declares or refers to."""
        found = self.symbols.at(offset)
        if found is None:
            return None
        return found, found if isinstance(found, Symbol) else found.symbol

    def definition(self, name: str) -> Definition | None:
        """What a name of the file stands for, or a merge, which is in scope everywhere."""
        try:
            return self.scope.find(name, self.file.span)
        except NasdslError:
            return None

    def graph(self, name: str) -> tree.Graph | None:
        """The cell or motif of a name; for a copy, what it is a copy of."""
        found = self.definition(name)
        for _ in range(len(self.scope.names)):
            if found is None or not isinstance(found.what, tree.Alias):
                break
            value = found.what.value.value if isinstance(found.what.value, tree.Fresh) else found.what.value
            found = self.definition(value.name if isinstance(value, tree.Ref) else value.name.text)
        return found.what if found is not None and isinstance(found.what, tree.Graph) else None
