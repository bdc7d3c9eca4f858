"""A space's text with all that it imports by path, moved into one folder, so that it can be kept elsewhere."""

from __future__ import annotations

from nasdsl.compiler.imports import Imports
from nasdsl.compiler.names import Scope, declare
from nasdsl.source import SourceFile
from nasdsl.space.model import SearchSpace
from nasdsl.syntax.parser import parse

FOLDER = "imports"


def gathered(space: SearchSpace) -> tuple[str, dict[str, str]]:
    """The text of a space and its imported texts by path, all of them `imports/NAME.nas`.

    Only the paths behind `use` are changed. The files have the names that the text of a genotype knows them by, so a
    genotype reads the same.
    """
    if not space.imports:
        return space.source, {}
    file = parse(SourceFile(space.name, space.source))
    imports = Imports(file, space.ops, space.imports)
    root = declare(file, imports, key=imports.files.root)
    return _moved(root, imports, f"{FOLDER}/"), {
        f"{FOLDER}/{scope.prefix}.nas": _moved(scope, imports, "") for scope in imports.scopes.values()
    }


def _moved(scope: Scope, imports: Imports, before: str) -> str:
    """A text with the new paths of what it imports."""
    text, done = "", 0
    for path, key in imports.links.get(scope.key, {}).items():
        text += f'{scope.source.text[done : path.span.start]}"{before}{imports.scopes[key].prefix}.nas"'
        done = path.span.end
    return text + scope.source.text[done:]
