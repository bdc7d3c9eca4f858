"""What an editor shows under the pointer: a name's declaration and size, or the alternatives of a choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nasdsl.compiler.expansion import Context
from nasdsl.compiler.names import Definition
from nasdsl.compiler.quantities import parameter
from nasdsl.lsp.document import Document
from nasdsl.lsp.examples import example
from nasdsl.lsp.signatures import signature, summary
from nasdsl.ops.primitive import Primitive
from nasdsl.source import Span
from nasdsl.space.decisions import Choice, Subset
from nasdsl.space.group import Decision, Group
from nasdsl.syntax import tree
from nasdsl.syntax.symbols import Symbol
from nasdsl.terminal.info import Part, kind, parts
from nasdsl.terminal.text import exact

_DECISIONS = (tree.Choice, tree.OneOf, tree.Pick, tree.SomeOf, tree.OrderOf)


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about a span."""

    span: Span
    text: str


def hover(document: Document, offset: int) -> Hover | None:
    """What is known of the name at an offset, else of the choice around it."""
    found = document.meaning(offset)
    if found is not None:
        place, symbol = found
        lines = list(_named(document, place.name, symbol, place.span))
        if lines:
            return Hover(place.span, "\n\n".join(lines))
    return _choice(document, offset)


# ---- names -------------------------------------------------------------------------------------


def _named(document: Document, name: str, symbol: Symbol | None, at: Span) -> Iterator[str]:
    if symbol is not None and symbol.kind not in ("import", "net", "cell", "motif", "block", "param", "ops", "hyper"):
        if symbol.kind not in ("genotype", "let"):
            yield f"`{symbol.name}`: {symbol.kind} of `{symbol.container.name}`" if symbol.container else symbol.kind
        return
    definition = document.definition(name)
    if definition is None:
        return
    what = definition.what
    if isinstance(what, tree.Param):
        yield _code(what.span.text)
        value = _value(document, what)
        if value and not isinstance(what.value, tree.Number):
            yield f"= {value}"
    elif isinstance(what, Primitive | tree.Block | tree.Graph | tree.Alias):
        yield from _operation(document, name, definition, at)
    else:
        yield _code(what.span.text.partition("\n")[0] + (" ..." if "\n" in what.span.text else ""))
    yield from _sizes(document, name)


def _operation(document: Document, name: str, definition: Definition, at: Span) -> Iterator[str]:
    what = definition.what
    word = what.role if isinstance(what, Primitive) else what.kind if isinstance(what, tree.Graph) else "block"
    yield _code(f"{word} {signature(name, definition)}" if not isinstance(what, tree.Alias) else what.span.text)
    said = summary(definition)
    if said:
        yield said
    if isinstance(what, tree.Block) and len(what.span.text) < 400:
        yield _code(what.span.text)
    call = next((e for e in walk(document.file) if isinstance(e, tree.Call) and e.name.span == at), None)
    measured = example(document, name, definition, call) if word != "merge" else ""
    if measured:
        yield measured


def _value(document: Document, param: tree.Param) -> str:
    if document.expanded is None:
        return ""
    return str(parameter(document.expanded.x, param, Context(document.scope)))


def _sizes(document: Document, name: str) -> Iterator[str]:
    """In how many ways the own decisions of a net, cell or motif can be taken, by the first net that uses it."""
    for space in document.spaces:
        own = [part for part in parts(space) if part.name.partition("[")[0] == name]
        if own:
            yield from map(_size, own)
            if own[0].kind == "net":
                yield f"whole space: {exact(space.size)} genotypes"
            return


def _size(part: Part) -> str:
    own = f"{exact(part.size)} genotypes of its own" if part.size > 1 else "decides nothing of its own"
    return f"{part.kind} `{part.name}`: {own}"


# ---- choices -----------------------------------------------------------------------------------


def _choice(document: Document, offset: int) -> Hover | None:
    around = [e for e in walk(document.file) if isinstance(e, _DECISIONS) and e.span.start <= offset <= e.span.end]
    if not around:
        return None
    span = around[-1].span
    found: dict[str, Decision] = {}
    for space in document.spaces:
        for decision in _every(space.decisions):
            at = decision.span
            if at is not None and (at.start, at.end) == (span.start, span.end) and at.source == span.source:
                found.setdefault(decision.path, decision)
    if not found:
        return None
    counts: dict[tuple[str, int], list[str]] = {}
    for path, decision in found.items():
        counts.setdefault((kind(decision), decision.choices), []).append(path)
    lines = [
        f"{word}: {exact(n)} alternative{'s' if n != 1 else ''} at {_listed(paths)}"
        for (word, n), paths in counts.items()
    ]
    return Hover(span, "\n\n".join(lines))


def _listed(paths: list[str]) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:4])
    return shown if len(paths) <= 4 else f"{shown} and {len(paths) - 4} more"


def _every(decisions: Group) -> Iterator[Decision]:
    for decision in decisions:
        yield decision
        if isinstance(decision, Choice):
            for alternative in decision.alternatives:
                yield from _every(alternative.decisions)
        elif isinstance(decision, Subset):
            for read in decision.reads:
                yield from _every(read.decisions)


def walk(node: object) -> Iterator[tree.Tree]:
    """Everything written, the outer before the inner."""
    if isinstance(node, tuple):
        for each in node:
            yield from walk(each)
    elif isinstance(node, tree.Tree):
        yield node
        for name in node.told:
            yield from walk(getattr(node, name))


def _code(text: str) -> str:
    return f"```nas\n{text}\n```"
