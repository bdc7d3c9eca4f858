"""Mutations of tokens: what is still made of the words of the language, in an order that may make no sense."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Final

from nasdsl.source import SourceFile
from nasdsl.syntax.lexer import Lexer, Token
from nasdsl.syntax.tables import tables

NUMBERS: Final = (
    "0", "1", "2", "3", "5", "7", "16", "50", "99", "100", "101", "999", "1000", "1001", "1K", "30000", "30001",
    "100K", "1M", "1G", "1000000000", "999999G", "1e3", "1e15", "1e16", "1e300", "1e999", "0.5", "0.0", "1.5", "2.0",
    "1e-300", "9" * 19, "9" * 40, "1" * 41, "00", "007",
)  # fmt: skip
NAMES: Final = (
    "x", "earlier", "prev", "unused", "in", "width", "stride", "last", "free", "none", "identity", "add", "concat",
    "mean", "count", "params", "edges", "__class__", "search", "n", "k",
)  # fmt: skip
# Terminals that can mostly stand for each other.
_ALIKE: Final = (
    ("one", "some", "all", "order"), ("cell", "motif"),
    ("from", "op", "merge", "absorb", "then", "level", "width"), ("+", "-", "*", "//", "|", "@", ".."), ("stem",
    "head", "input"), ("<=", ">=", "==", "!=", "<", ">"), ("always", "needed"), ("ports", "reads", "edges"), ("(",
    "["), (")", "]"), (",", ";"),
)  # fmt: skip
GROUPED: Final = {tables().words[w]: group for group in _ALIKE for w in group if w in tables().words}


@cache
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text that has some, without line ends; () of one that cannot be read as tokens."""
    from nasdsl.diagnostics import NasdslError

    try:
        return tuple(t for t in Lexer(SourceFile("space.nas", text)) if t.end > t.start and t.kind != "_NL")
    except NasdslError:
        return ()


def mutated(text: str, other: str, rng: Random) -> str:
    """`text` with one to five of its tokens changed; tokens of `other` may come in."""
    known = tokens(text)
    if not known:
        return other
    edits = {}
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(known))
        edits[at] = _edited(text, known, at, other, rng)
    pieces, end = [], 0
    for at, token in enumerate(known):
        pieces += [text[end : token.start], edits.get(at, token.text)]
        end = token.end
    return "".join(pieces) + text[end:]


def _edited(text: str, known: tuple[Token, ...], at: int, other: str, rng: Random) -> str:
    """What stands in the place of one token."""
    own = known[at].text
    if rng.random() < 0.5:
        return alike(own, known, at, rng)
    match rng.randrange(7):
        case 0:
            return ""
        case 1:
            return f"{own} {own}" if rng.random() < 0.7 else f" {own}" * rng.choice((5, 60, 200))
        case 2:
            return rng.choice(known).text
        case 3:
            return rng.choice(list(tables().words))
        case 4:
            return f"{own} {rng.choice(list(tables().words))} "
        case 5:
            return _run(text, known, rng)
    return _run(other, tokens(other), rng)


def alike(own: str, known: tuple[Token, ...], at: int, rng: Random) -> str:
    """Another token of the same kind: one of the text, an extreme number, a name that means something."""
    kind = known[at].kind
    if kind == "NUMBER" and rng.random() < 0.6:
        return rng.choice(NUMBERS) if rng.random() < 0.9 else f"-{own}"
    if kind == "NAME" and rng.random() < 0.3:
        return rng.choice(NAMES)
    if kind in GROUPED:
        return rng.choice(GROUPED[kind])
    return rng.choice([t.text for t in known if t.kind == kind])


def _run(text: str, known: tuple[Token, ...], rng: Random) -> str:
    """Some tokens in a row, as they stand."""
    if not known:
        return ""
    start = rng.randrange(len(known))
    end = min(len(known), start + rng.choice((1, 2, 3, 6, 15))) - 1
    return f" {text[known[start].start : known[end].end]} "
