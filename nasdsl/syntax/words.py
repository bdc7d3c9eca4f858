"""Terminals of the grammar in human words, and what each keyword is for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from nasdsl.syntax.automaton import acceptable, states_after
from nasdsl.syntax.tables import END, tables

_PATTERNS: Final = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "_NL": "the end of the line",
    "COMMENT": "a comment",
    "BLANK": "a space",
    END: "the end of the file",
}

DECLARATIONS: Final = frozenset(
    ["USE", "PARAM", "HYPER", "LET", "OPS", "CELL", "MOTIF", "BLOCK", "NET", "REQUIRE", "GENOTYPE"]
)
CLAUSES: Final = frozenset(("FROM", "OP", "MERGE", "ABSORB", "THEN", "LEVEL", "WIDTH"))
_GRAPH: Final = frozenset(("NODE", "OUT", "ALIGN"))
_SKELETON: Final = frozenset(("INPUT", "STEM", "STAGE", "HEAD"))
_STEPS: Final = frozenset(("REPEAT", "BRANCH", "SHORTCUT", "TAP"))
_AFTER_VALUE: Final = frozenset(
    ["PLUS", "MINUS", "STAR", "AT", "VBAR", "DOT", "LPAR", "LSQB", "EXCEPT", "IN", "WITH", "STEP", "BY", "COLON"]
)
# What opens a line in a body, by the word that says what its brace holds.
OPENS: Final = {
    "node": CLAUSES,
    "cell": _GRAPH,
    "motif": _GRAPH,
    "net": _SKELETON | _STEPS,
    **dict.fromkeys(("block", "stage", "repeat", "branch", "shortcut"), _STEPS),
}
OPENS_LINE: Final = DECLARATIONS | CLAUSES | _GRAPH | _SKELETON | _STEPS


def words(kind: str) -> str:
    """A terminal as a person says it."""
    return _PATTERNS[kind] if kind in _PATTERNS else f"`{tables().terminals()[kind]}`"


def home(kind: str) -> str:
    """Where a keyword that opens a line may stand; "" for a keyword that opens none."""
    if kind in CLAUSES:
        return "in a node"
    if kind in _GRAPH:
        return "in a cell or motif"
    if kind in _SKELETON:
        return "in a net"
    if kind in _STEPS:
        return "in a block, a stage or a net"
    return "at the top of a file" if kind in DECLARATIONS else ""


@cache
def _group(*before: str) -> frozenset[str]:
    return acceptable(states_after(before))


def expectation(kinds: frozenset[str]) -> str:
    """`kinds`, what could come next, in words: groups first, and operators only where nothing else can come."""
    rest, said = set(kinds), []
    for group, text in (
        (_group(), "a declaration such as `cell`, `block` or `net`"),
        (_group("PARAM", "NAME", "EQUAL"), "a value"),
        (_group("PARAM", "NAME", "EQUAL", "SOME", "OF"), "a set of values"),
        (CLAUSES, "a clause such as `from`, `op` or `merge`"),
        (_SKELETON, "`input`, `stem`, `stage` or `head`"),
        (_STEPS, "`repeat`, `branch` or `shortcut`"),
        (_group("REQUIRE", "NAME") & _comparisons(), "a comparison such as `<=`"),
    ):
        if group - {END, "_NL"} <= rest:
            rest -= group
            said.append(text)
    if kinds >= CLAUSES:
        rest -= {"LET", "REQUIRE"}
    if said:
        rest.discard("_NL")
    elif "_NL" in rest:
        rest.discard(END)
    symbols = {t for t in rest if t in _AFTER_VALUE or t in _operators()}
    symbols -= set() if kinds & {"VBAR", "PLUS"} else {"LPAR", "LSQB"}
    if (rest - symbols) or said:
        rest -= symbols
    said += sorted((words(kind) for kind in rest), key=lambda w: (w.startswith("`}"), w.startswith("the end"), w))
    return listed(said)


def listed(items: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = items
    return f"{', '.join(most)} or {last}" if most else last


@cache
def _comparisons() -> frozenset[str]:
    return frozenset(tables().words[text] for text in ("<=", ">=", "==", "!=", "<", ">"))


@cache
def _operators() -> frozenset[str]:
    return frozenset(tables().words[text] for text in ("//", ".."))
