"""Whole declarations back to text: what a tree without a text of its own looks like.

The text says which bodies are short; how it is laid out is decided by `layout`, as for a text that somebody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from nasdsl.source import SourceFile
from nasdsl.syntax import tree
from nasdsl.syntax.layout import layout
from nasdsl.syntax.printer import text

_SHORT: Final = 2  # clauses of a node that stands on one line
_VALUES: Final[dict[type, str]] = {tree.Stem: "stem", tree.Head: "head"}
_DEFINED: Final[dict[type, str]] = {tree.Param: "param", tree.Hyper: "hyper", tree.Let: "let", tree.Ops: "ops"}


def file_text(items: Iterable[tree.Item]) -> str:
    """The canonical text of declarations; `parse` gives them back."""
    written = ""
    last: tree.Item | None = None
    for item in items:
        made = _written(item)
        together = type(item) is type(last) and "\n" not in made and "\n" not in _written(last)
        written += ("" if last is None else "\n" if together else "\n\n") + made
        last = item
    return layout(SourceFile("", written))


def _written(item: Any) -> str:
    """A declaration, a statement, a clause or a step, in any layout."""
    kind = type(item)
    if kind in _DEFINED:
        return f"{_DEFINED[kind]} {item.name.text} = {text(item.value)}"
    if kind in _VALUES:
        return f"{_VALUES[kind]} {text(item.value)}"
    return _FORMS[kind](item) if kind in _FORMS else text(item)


def _body(items: Iterable[Any], short: bool = False) -> str:
    texts = [_written(item) for item in items]
    if short or not texts:
        return "{ " + "; ".join(texts) + " }"
    return "{\n" + "\n".join(texts) + "\n}"


def _chain(chain: tree.Chain) -> str:
    return _body(chain.steps, short=True)


def _count(count: tree.Expr | None) -> str:
    return "" if count is None else f"[{text(count)}]"


def _args(args: tuple[tree.Arg, ...]) -> str:
    return f"({', '.join(map(text, args))})"


def _use(item: tree.Use) -> str:
    module = f'"{item.module}"' if item.path is not None else item.module
    return f"use {module}" + (f" ({', '.join(n.text for n in item.names)})" if item.names is not None else "")


def _port(port: tree.Port) -> str:
    return ("state " if port.state else "") + port.name.text + _count(port.levels)


def _parameter(parameter: tree.Parameter) -> str:
    return parameter.name.text + ("" if parameter.default is None else f" = {text(parameter.default)}")


def _graph(item: tree.Graph) -> str:
    header = ", ".join([*map(_port, item.ports), *map(_parameter, item.parameters)])
    return f"{item.kind} {item.name.text}{_count(item.count)}({header}) {_body(item.body)}"


def _block(item: tree.Block) -> str:
    header = f"({', '.join(map(_parameter, item.parameters))})" if item.parameters else ""
    return f"block {item.name.text}{header} {_chain(item.body)}"


def _node(item: tree.Node) -> str:
    return f"node {item.name.text}{_count(item.count)} {_body(item.clauses, len(item.clauses) <= _SHORT)}"


def _clause(item: tree.Clause) -> str:
    return f"{item.kind} {', '.join(map(text, item.values))}"


def _stage(item: tree.Stage) -> str:
    name = f"{item.name.text} " if item.name else ""
    return f"stage {name}{_args(item.args)} {_chain(item.body)}"


def _require(item: tree.Require) -> str:
    return "require " + " and ".join(f"{text(t.left)} {t.op} {text(t.right)}" for t in item.tests)


def _genotype(item: tree.GenotypeBlock) -> str:
    of = f" of {item.of.text}" if item.of else ""
    args = f" {_args(item.args)}" if item.args else ""
    return f"genotype {item.name.text}{of}{args} {_body(item.fixes)}"


def _path(path: tuple[tree.PathPart, ...]) -> str:
    shown = ""
    for part in path:
        if part.name is not None:
            shown += f".{part.name}" if shown else part.name
        else:
            index = text(part.value) if isinstance(part.value, tree.Range) else part.value
            shown += "[*]" if index is None else f"[{index}]"
    return shown


_FORMS: Final[dict[type, Callable[[Any], str]]] = {
    tree.Use: _use,
    tree.Graph: _graph,
    tree.Alias: lambda e: f"{e.kind} {e.name.text} = {text(e.value)}",
    tree.Block: _block,
    tree.Net: lambda e: (f"net {e.name.text} " if e.name else "net ") + _body(e.parts),
    tree.Require: _require,
    tree.GenotypeBlock: _genotype,
    tree.Assign: lambda e: f"{_path(e.path)} = {text(e.value)}",
    tree.Point: lambda e: f"{_path(e.path)} {_body(e.clauses, short=True)}",
    tree.Node: _node,
    tree.Clause: _clause,
    tree.Align: lambda e: f"align {e.where} {e.when} {text(e.value)}",
    tree.Out: lambda e: f"out {text(e.value)}" + (f" by {e.by.text}" if e.by else ""),
    tree.Chain: _chain,
    tree.Repeat: lambda e: f"repeat {text(e.count)} {_chain(e.body)}",
    tree.Branch: lambda e: f"branch {text(e.merge)} {' '.join(map(_chain, e.chains))}",
    tree.Shortcut: lambda e: f"shortcut {_chain(e.body)}",
    tree.Labelled: lambda e: f"{e.name.text}: {_written(e.step)}",
    tree.Tap: lambda e: f"tap {e.name.text} {text(e.value)}",
    tree.Stage: _stage,
    tree.Input: lambda e: f"input {e.name.text + ': ' if e.name else ''}{text(e.value)}",
}
