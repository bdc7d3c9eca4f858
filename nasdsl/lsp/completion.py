"""What can be typed at a cursor: keywords where the grammar lets them stand, and the names that fit there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from nasdsl.compiler.names import LIBRARY, Definition, library
from nasdsl.lsp.cursor import Cursor, cursor
from nasdsl.lsp.document import Document
from nasdsl.lsp.signatures import parameters, signature, summary
from nasdsl.ops.primitive import Primitive
from nasdsl.ops.registry import PRIMITIVES
from nasdsl.source import Span
from nasdsl.syntax import tree
from nasdsl.syntax.insertion import Change, importing
from nasdsl.syntax.tables import tables
from nasdsl.syntax.words import CLAUSES, home

Kind = Literal["keyword", "operation", "cell", "value", "number", "list", "argument", "module", "net"]

# What the head of a statement is followed by; anything else that begins a statement is a step or holds operations.
_WANTS: Final[dict[str, frozenset[Kind]]] = {
    **dict.fromkeys(("FROM", "ABSORB"), frozenset[Kind]({"value"})),
    **dict.fromkeys(("LEVEL", "WIDTH", "PARAM", "HYPER", "REPEAT", "REQUIRE"), frozenset[Kind]({"number"})),
    "LET": frozenset({"number", "operation", "list"}),
    "STAGE": frozenset({"number"}),
    "GENOTYPE": frozenset({"net"}),
    **dict.fromkeys(("CELL", "MOTIF"), frozenset[Kind]({"cell"})),
}
_STEP: Final = frozenset[Kind]({"operation", "cell", "list"})
# What is no operation of the library and takes arguments.
_TAKES: Final = {"stage": ("width", "stride"), "pyramid": ("levels", "widths")}
_VALUES: Final = {
    "earlier": "the ports, then the nodes before",
    "prev": "the element before in this array, or the last value before",
    "unused": "what nobody has read so far",
}
_VALUE_WORDS: Final = frozenset({"in", "width", "level", "edges", "last"})
_NEW_NAME: Final = frozenset(
    ["param", "hyper", "let", "ops", "cell", "motif", "block", "net", "genotype", "node", "stage", "tap", "state"]
)


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal: `text` takes the place of `replaced`; an operation that is not imported brings its `use` along."""

    text: str
    kind: Kind
    replaced: Span
    detail: str = ""
    summary: str = ""
    also: Change | None = None
    rank: int = 0


def completions(document: Document, offset: int) -> list[Completion]:
    """Every proposal at an offset, best first; the editor keeps those that fit what is typed."""
    at = cursor(document, offset)
    if _in_comment(document, at.word.start):
        return []
    found: dict[str, Completion] = {}
    for made in (
        *_imports(document, at),
        *_arguments(document, at),
        *_points(document, at),
        *_names(document, at),
        *_keywords(at),
    ):
        found.setdefault(made.text, made)
    return sorted(found.values(), key=lambda c: c.rank)


def _in_comment(document: Document, offset: int) -> bool:
    line = document.source.text[document.source.text.rfind("\n", 0, offset) + 1 : offset]
    return "#" in line


# ---- keywords ----------------------------------------------------------------------------------


def _keywords(at: Cursor) -> Iterator[Completion]:
    for text, kind in sorted(tables().words.items()):
        if text.isalpha() and kind in at.fits and (text not in _VALUE_WORDS or _asked(text, kind, at)):
            yield Completion(text, "keyword", at.word, home(kind), rank=1 if kind in CLAUSES else 2)


def _asked(text: str, kind: str, at: Cursor) -> bool:
    """Whether a word that the grammar takes for a value wherever one stands makes sense there."""
    if not at.statement:
        return kind in CLAUSES and at.body in ("node", "")
    if text == "edges":
        return at.head in ("REQUIRE", "ALIGN")
    if text == "level":
        return at.previous == "by"
    return ("value" if text == "last" else "number") in _wanted(at)


# ---- imports and arguments ---------------------------------------------------------------------


def _imports(document: Document, at: Cursor) -> Iterator[Completion]:
    """Libraries behind `use`, and what a library offers in its parentheses."""
    if at.head != "USE":
        return
    if len(at.statement) == 1:
        yield from (Completion(module, "module", at.word) for module in (*LIBRARY, "primitives"))
    elif at.call and at.call[0] in (*LIBRARY, "primitives"):
        for name, definition in library(at.call[0]).names.items():
            if name not in at.call[1]:
                yield _operation(name, definition, at)


def _arguments(document: Document, at: Cursor) -> Iterator[Completion]:
    """`k = ` for every parameter that has no argument yet."""
    if at.head in ("USE", "CELL", "MOTIF", "BLOCK") and "EQUAL" not in {t.kind for t in at.statement}:
        return
    if at.call is None or at.previous not in ("(", ","):
        return
    name, inside = at.call
    inputs = at.head == "INPUT" and name in PRIMITIVES
    definition = Definition(PRIMITIVES[name], document.scope, None) if inputs else document.definition(name)
    known = parameters(definition) if definition and name not in _TAKES else ()
    names = _TAKES.get(name) or tuple(p.name for p in known)
    for p in names:
        if p not in inside:
            detail = next((str(k) for k in known if k.name == p and not k.by_name), "")
            yield Completion(f"{p} = ", "argument", at.word, detail or f"of `{name}`", rank=-1)


# ---- genotypes ---------------------------------------------------------------------------------


def _points(document: Document, at: Cursor) -> Iterator[Completion]:
    """In a genotype: the paths where something is open, and in a point's `from` the values of its graph."""
    braces = [o for o in at.open if o.token.text == "{"]
    if not braces or braces[0].holds != "genotype":
        return
    if len(braces) == 1:
        start = at.statement[0].start if at.statement else at.word.start
        replaced = Span(at.word.source, start, at.word.end)
        paths = dict.fromkeys(entry.path for space in document.spaces for entry in space.entries)
        yield from (Completion(path, "value", replaced) for path in paths)
    elif at.head == "FROM":
        before = [t for t in at.tokens if t.start < braces[-1].token.start]
        path = before[max(i for i, t in enumerate(before) if t.kind in ("_NL", "LBRACE")) + 1 :]
        graph = document.graph(path[0].text) if path else None
        for symbol in document.symbols.declarations:
            if graph is not None and symbol.kind in ("port", "node") and _inside(symbol.span, graph.span):
                yield Completion(symbol.name, "value", at.word, symbol.kind)


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


# ---- names -------------------------------------------------------------------------------------


def _wanted(at: Cursor) -> frozenset[Kind]:
    """The kinds of names that make sense at a place."""
    if at.call is not None:
        called = PRIMITIVES.get(at.call[0])
        if at.call[0] == "unused" or (called is not None and called.role == "merge"):
            return frozenset({"value"})
        return frozenset({"number"})
    if at.previous in ("pick", "step", "..", "@", "repeat"):
        return frozenset({"number"})
    return _WANTS.get(at.head, _STEP)


def _names(document: Document, at: Cursor) -> Iterator[Completion]:
    if "NAME" not in at.fits or at.previous in _NEW_NAME or at.head == "USE" or at.previous == ".":
        return
    opens = [o.token.text for o in at.open]
    if at.head in ("CELL", "MOTIF", "BLOCK") and opens and "EQUAL" not in {t.kind for t in at.statement}:
        return
    wanted = _wanted(at)
    merges = (at.head in ("MERGE", "OUT", "BRANCH") and at.call is None) or at.previous == "branch"
    if merges:
        yield from (_operation(p.name, _known(p), at) for p in PRIMITIVES.values() if p.role == "merge")
    if at.head == "INPUT":
        yield from (Completion(p, "operation", at.word, rank=0) for p in ("image", "pyramid"))
    if at.head == "OUT":
        wanted = frozenset({"value"})
    if "value" in wanted:
        yield from (Completion(word, "value", at.word, "", said, rank=1) for word, said in _VALUES.items())
    if not (wanted & _STEP and (merges or at.head == "INPUT")):
        yield from _visible(document, at, wanted)
        if "operation" in wanted:
            yield from _library(document, at)


def _visible(document: Document, at: Cursor, wanted: frozenset[Kind]) -> Iterator[Completion]:
    kinds: dict[str, Kind] = {
        "port": "value", "node": "value", "param": "number", "parameter": "number", "hyper": "number", "ops": "list",
        "cell": "cell", "motif": "cell", "block": "operation", "net": "net",
    }  # fmt: skip
    for symbol in document.symbols.visible(at.word.start):
        definition = document.definition(symbol.name) if symbol.container is None else None
        if symbol.kind in ("import", "block") and definition is not None and "operation" in wanted:
            yield _operation(symbol.name, definition, at)
        elif symbol.kind == "let":
            if wanted & {"number", "operation"}:
                yield Completion(symbol.name, "number", at.word, "let")
        elif symbol.kind in kinds and kinds[symbol.kind] in wanted:
            detail = signature(symbol.name, definition) if definition else symbol.kind
            yield Completion(symbol.name, kinds[symbol.kind], at.word, detail)


def _library(document: Document, at: Cursor) -> Iterator[Completion]:
    """Operations of the library that are not imported, with the import."""
    for module in LIBRARY:
        for name, definition in library(module).names.items():
            if name not in document.scope.names and not _merges(definition):
                also = importing(document.file, module, name)
                made = _operation(name, definition, at)
                yield Completion(name, "operation", at.word, f"{made.detail}  use {module}", made.summary, also, 3)


def _operation(name: str, definition: Definition, at: Cursor) -> Completion:
    kind: Kind = "cell" if isinstance(definition.what, tree.Graph | tree.Alias) else "operation"
    return Completion(name, kind, at.word, signature(name, definition), summary(definition))


def _known(primitive: Primitive) -> Definition:
    return library("primitives").names[primitive.name]


def _merges(definition: Definition) -> bool:
    return isinstance(definition.what, Primitive) and definition.what.role == "merge"
