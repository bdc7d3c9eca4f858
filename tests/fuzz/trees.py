"""Mutations of the syntax tree, spliced into the text by spans: what nearly always parses, and means something else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple, get_args

from nasdsl.diagnostics import NasdslError
from nasdsl.source import SourceFile
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse

from .words import NAMES, NUMBERS

_EXPRESSIONS: Final = get_args(tree.Expr)
# What an element of a row is, by the class and the field that hold the row.
_ROWS: Final = {
    ("File", "items"): "item", ("Net", "parts"): "part", ("Chain", "steps"): "step", ("Graph", "body"): "statement",
    ("Node", "clauses"): "clause", ("Point", "clauses"): "clause", ("GenotypeBlock", "fixes"): "fix",
}  # fmt: skip
_LISTED: Final = ("arg", "port", "parameter", "spread")
_DOUBLED: Final = (*_LISTED, "item", "part", "step", "statement", "clause", "fix", "chain")
_VALUES: Final = ("name", "number", "listed", "expression")
_BINARY: Final = ("+", "-", "*", "//", "|", "@")
_AROUND: Final = (
    "({})", "one of [{}, {}]", "[{}]", "one of {}", "some of {}", "pick 1 of {}", "pick 0..2 of {}", "order of {}",
    "all of {}",
    "each [{}]", "fresh {}", "last 2 of {}", "{} except {}", "{}..{}", "[*{}]", "{}[0]", "{}({})", "{} | {} | {}",
    "pick 2 of {} with repeats", "pick 1..3 of [{}, {}] in order", "{} @ 3",
)  # fmt: skip


class Place(NamedTuple):
    """A part of a text: what kind of thing stands there, and where."""

    kind: str
    start: int
    end: int


@cache
def places(text: str) -> tuple[Place, ...]:
    """Every part of a text that parses; () of another."""
    try:
        file = parse(SourceFile("space.nas", text))
    except NasdslError:
        return ()
    return tuple(_walk(file, "file"))


def _walk(what: tree.Tree, kind: str) -> Iterator[Place]:
    if kind != "file" and what.span.end > what.span.start:
        yield Place(kind, what.span.start, what.span.end)
    for name in what.told:
        value: Any = getattr(what, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, tree.Tree):
                yield from _walk(part, _kind(what, name, part, isinstance(value, tuple)))


def _kind(what: tree.Tree, name: str, part: tree.Tree, in_a_row: bool) -> str:
    row = _ROWS.get((type(what).__name__, name))
    if row is not None:
        return row
    if isinstance(part, tree.Number):
        return "number"
    if isinstance(part, tree.Identifier | tree.Ref):
        return "name"
    if isinstance(part, _EXPRESSIONS):
        return "listed" if in_a_row else "expression"
    return type(part).__name__.lower()


def mutated(text: str, other: str, rng: Random) -> str:
    """`text` with one to four of its parts changed; parts of `other` may come in."""
    known = places(text)
    if not known:
        return other
    edits: list[tuple[Place, str]] = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        place = rng.choice(known)
        if all(place.end <= p.start or place.start >= p.end for p, _ in edits):
            edits.append((place, _edited(text, known, place, other, rng)))
    for place, new in sorted(edits, reverse=True):
        text = text[: place.start] + new + text[place.end :]
    if rng.random() < 0.1:
        text = _renamed(text, known, rng)
    return text


def _edited(text: str, known: tuple[Place, ...], place: Place, other: str, rng: Random) -> str:
    own = text[place.start : place.end]
    ways = [_exchanged] * 4
    if place.kind in _DOUBLED:
        ways += [_doubled, _doubled, _deleted]
    if place.kind == "number":
        ways += [_number] * 6
    if place.kind in ("step", "part"):
        ways += [_repeated] * 4
    if place.kind in ("listed", "expression", "step") or (place.kind in ("name", "number") and rng.random() < 0.2):
        ways += [_wrapped, _wrapped, _calculated, _doubled]
    if place.kind == "name":
        ways += [_named, _another]
    return rng.choice(ways)(own, place.kind, text, known, other, rng)


def _exchanged(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    """Something of the same kind, from this text or, less often, another."""
    where, places_there = (text, known) if rng.random() < 0.7 else (other, places(other))
    same = [p for p in places_there if _alike(p.kind, kind)]
    if not same:
        return ""
    found = rng.choice(same)
    return where[found.start : found.end]


def _alike(one: str, other: str) -> bool:
    return one == other or (one in _VALUES and other in _VALUES)


def _doubled(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    between = ", " if kind in _LISTED else "\n" if kind in _ROWS.values() else " | "
    return between.join([own] * rng.choice((2, 2, 3, 8)))


def _deleted(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    return ""


def _number(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    return rng.choice(NUMBERS) if rng.random() < 0.9 else f"-{own}"


def _named(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    return rng.choice(NAMES)


def _another(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    """Another name of the text."""
    return rng.choice([text[p.start : p.end] for p in known if p.kind == "name"])


def _repeated(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    count = rng.choice(("2", "0", "1..3", "0..2", "2 | 4", "one of [1, 3]", rng.choice(NUMBERS)))
    form = rng.choice(
        ("repeat {count} {{ {own} }}", "shortcut {{ {own} }}", "branch add {{ {own} }} {{ {own} }}", "b: {own}")
    )
    return form.format(count=count, own=own)


def _wrapped(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    form = rng.choice(_AROUND)
    parts = [own, *(_exchanged(own, kind, text, known, other, rng) for _ in range(form.count("{}") - 1))]
    return form.format(*parts)


def _calculated(own: str, kind: str, text: str, known: tuple[Place, ...], other: str, rng: Random) -> str:
    right = _exchanged(own, kind, text, known, other, rng) if rng.random() < 0.5 else rng.choice(NUMBERS)
    return f"{own} {rng.choice(_BINARY)} {right}"


def _renamed(text: str, known: tuple[Place, ...], rng: Random) -> str:
    """One name changed wherever it stands, to another name of the text or one that means something."""
    names = sorted({text[p.start : p.end] for p in known if p.kind in ("name", "identifier")} - {""})
    plain = [name for name in names if name.isidentifier()]
    return text.replace(rng.choice(plain), rng.choice([*plain, *NAMES])) if plain else text
