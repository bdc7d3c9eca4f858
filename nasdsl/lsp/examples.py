"""What an operation does to an example: its shape and its cost at one place of one small net."""

from __future__ import annotations

from nasdsl.compiler.expansion import Expansion
from nasdsl.compiler.load import Expanded
from nasdsl.compiler.lower import network
from nasdsl.compiler.names import Definition, declare
from nasdsl.compiler.nets import net
from nasdsl.diagnostics import NasdslError
from nasdsl.lsp.document import Document
from nasdsl.lsp.signatures import parameters
from nasdsl.source import SourceFile
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse
from nasdsl.syntax.printer import text
from nasdsl.terminal.text import short

SHAPE = "16x32x32"


def example(document: Document, name: str, definition: Definition, call: tree.Call | None) -> str:
    """One line on a use of an operation, as it is written or with plain arguments; "" where it does not stand alone."""
    default = _call(name, definition)
    # Some operations ask for an argument that no signature can name: one of two.
    for use in ([text(call)] if call is not None else []) + [default, f"{name}(3)"]:
        try:
            return _measured(document, use)
        except NasdslError:
            continue
    return ""


def _call(name: str, definition: Definition) -> str:
    needed = [f"{p.name} = {10 if p.name == 'classes' else 3}" for p in parameters(definition) if p.default is None]
    what = definition.what
    name = f"{name}[0]" if isinstance(what, tree.Graph) and what.count is not None else name
    return f"{name}({', '.join(needed)})" if needed else name


def _measured(document: Document, use: str) -> str:
    """The use in a net of its own, beside all that the file declares but its nets."""
    root = "example"
    while root in document.scope.names:
        root += "_"
    made = parse(SourceFile("", f"net {root} {{ input image(16, 32, 32); stage (width = 16) {{ {use} }} }}"))
    kept = tuple(item for item in document.file.items if not isinstance(item, tree.Net | tree.GenotypeBlock))
    imports = document.imports
    file = tree.File(document.file.span, document.source, (*kept, *made.items))
    scope = declare(file, imports, key=imports.files.root)
    x = Expansion(scope, {})
    x.nets[root] = net(x, scope.names[root])
    if x.problems:
        raise NasdslError(x.problems)
    space = Expanded(scope, x, {}, imports).space(root)
    found = network(space[0])
    shapes = [shape for _, at in found.outputs if (shape := found.ops[at].shape) is not None]
    first = " with the first of every choice" if space.size > 1 else ""
    gives = " and ".join(map(str, shapes)) or "nothing"
    return (
        f"`{use}` of {SHAPE}{first}: gives {gives}, {short(found.params)} parameters, {short(found.macs)} multiply-adds"
    )
