"""Signs and turns of phrase of other languages, told from the line around the token that cannot stand there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nasdsl.syntax.elsewhere import operation

# In the text that a pattern sees, this stands before the token that was found.
_HERE: Final = "\x00"
_QUOTES: Final = 3 * '"'
_LONGEST: Final = 400  # characters of a line that is looked at: patterns go back and forth


@dataclass(frozen=True, slots=True)
class Notation:
    """What was meant, where in the line it stands, and what to type instead."""

    code: str
    message: str
    start: int
    end: int
    helps: tuple[str, ...]


Help = str | Callable[[re.Match[str]], str]


def _line(old: str, new: str) -> Callable[[re.Match[str]], str]:
    """The whole line with `new` for what was meant."""
    return lambda m: re.sub(old, new, m.string.replace(_HERE, "")).strip()


def _entries(m: re.Match[str]) -> str:
    inside = re.sub(r'("[^"]*"|\w+)\s*:\s*', "", m["v"])
    return f"[{inside.strip()}]"


def _group(m: re.Match[str]) -> str:
    x, y = m["x"].strip(), m["y"].strip().rstrip(",")
    return f"[{x}, {y}]" if y else x


def _comment(m: re.Match[str]) -> str:
    return f"# {m['v'].replace(_QUOTES, '').strip() or '...'}"


def _operation(m: re.Match[str]) -> str:
    return operation(m["n"]) or m["n"]


# Each with the code, a pattern whose group `bad` is marked, the message and the help.
_NOTATIONS: Final[tuple[tuple[str, str, str, Help], ...]] = tuple(
    (code, pattern.replace("¦", _HERE), message, advice)
    for code, pattern, message, advice in (
        ("E0122", r"(?P<bad>\*¦\*)", "there are no powers", "write the number, or multiply: 2 * 2 * 2"),
        ("E0122", r"(?P<bad>\|¦\|)", "a choice is written with one `|`", _line(r"\|\|", "|")),
        (
            "E0122",
            r"^\s*(?P<bad>¦(?P<a>[\w.\[\]]+)\s*->\s*(?P<b>\w+))",
            "there are no arrows: a node says what it reads",
            r"node \g<b> { from \g<a> }",
        ),
        (
            "E0122",
            r"\)\s*(?P<bad>¦-\s*>|-¦>)",
            "there are no arrows: a cell says in its body what it delivers",
            "out n",
        ),
        ("E0122", r"(?P<bad>¦->|-¦>)", "there are no arrows: `from` says what is read", "from x"),
        ("E0122", r"(?P<bad>=¦>|¦=>)", "a value is given with `=`", _line("=>", "=")),
        ("E0122", r"(?P<bad>¦:=)", "a value is given with `=`", _line(":=", "=")),
        (
            "E0122",
            r"^\s*(?P<bad>¦(?P<n>\w+)\s*[-+*/]+=|(?P<m>\w+)\s*¦[-+*/]+=)",
            "nothing changes once it is declared",
            "a param of another name, for example: param C2 = 2 * C",
        ),
        (
            "E0122",
            r"^\s*(?P<bad>¦?(?P<n>\w+)\.(?:append|extend|add))¦?\((?P<v>.*)\)",
            "a list is written all at once",
            r"ops \g<n> = [..., \g<v>]",
        ),
        ("E0122", r"(?P<bad>\bf¦\"[^\"]*\")", "there are no formatted strings", "block name(k) { ... } is a template"),
        ("E0122", r'^\s*(?P<bad>¦"""(?P<v>.*))', "a comment begins with `#`", _comment),
        (
            "E0122",
            r"\bpick\s*(?P<bad>\((?P<n>\w+)¦,\s*(?P<s>[\w.\[\]]+)\))",
            "a choice is no call",
            r"pick \g<n> of \g<s>",
        ),
        (
            "E0122",
            r"\binput\s*(?P<bad>\((?P<n>[^¦]*)¦(?P<s>,[^()]*)\))",
            "an input has a kind",
            r"input image(\g<n>\g<s>)",
        ),
        ("E0122", r"(?P<bad>\((?P<x>\d+)¦,\s*(?P=x),?\s*\))", "one number stands for both sides", r"\g<x>"),
        (
            "E0122",
            r"(?P<bad>\((?P<x>[^(),¦]+)¦,\s*(?P<y>[^()]*)\))",
            "several values in parentheses mean nothing",
            _group,
        ),
        (
            "E0122",
            r"(?P<bad>¦\{)(?P<v>\s*(?:\"[^\"]*\"|\w+)\s*:[^{}]*)\}",
            "a list stands in brackets, without keys",
            _entries,
        ),
        ("E0122", r"(?:[=(,]|\b(?:of|op|from))\s*(?P<bad>¦\{)(?P<v>[^{}:;]*)\}", "a list stands in brackets", _entries),
        ("E0122", r"\b(?P<a>\w+)\[(?P<bad>\w*¦:-?\w*)\]", "there are no slices", r"last 2 of \g<a>"),
        ("E0122", r"(?P<bad>(?:\w+\.)+(?P<n>\w+))¦\(", "an operation goes by one name", _operation),
        (
            "E0122",
            r"(?P<bad>¦:)\s*(?:int|float|str|bool|list|List\[\w*\])\s*=\s*(?P<v>.*)",
            "there are no types",
            _line(r"\s*:\s*[\w\[\]]+\s*=", " ="),
        ),
        ("E0122", r"\blet\s+\w+\s+(?P<bad>¦in)\b", "a value is given with `=`", _line(r"\bin\b", "= one of")),
        ("E0107", r"¦?=\s*¦?(?P<bad>lambda)\b", "there is no `lambda`: a template is a block", "block name(k) { ... }"),
        (
            "E0107",
            r"(?:\b(?:op|then|merge|from)|=)\s+(?P<a>[^=;{}]+?)\s+(?P<bad>¦if)\b.*?\belse\b\s*(?P<b>[^;{}]*)",
            "there is no `if`: an open decision is a choice",
            r"\g<a> | \g<b>",
        ),
        ("E0107", r"(?P<bad>¦or)\b", "there is no `or`: a choice is written `a | b`", _line(r"\bor\b", "|")),
        (
            "E0107",
            r"^\s*(?:\w+.*\b)?(?:from|op)\b.*(?P<bad>¦and)\b",
            "`and` joins conditions; values are separated by commas",
            _line(r"\s+and\b", ","),
        ),
        ("E0107", r"\b(?P<bad>not)\s+¦", "there is no `not`: turn the comparison round", "`<=` for `>`, `!=` for `==`"),
        (
            "E0107",
            r"\b(?P<bad>one_?of|any_?of|choice|choose|select)\s*\[(?P<a>[^\]¦]*)¦(?P<b>[^\]]*)\]",
            "a choice is written in two words",
            r"one of [\g<a>\g<b>]",
        ),
        (
            "E0107",
            r"\b(?P<bad>choose|select|sample|take|choice)\s+¦(?P<n>\d+|[A-Z]\w*)\b(?:\s+(?:of|from))?\s*(?P<s>\w*)",
            "some of a set are chosen with `pick`",
            r"pick \g<n> of \g<s>",
        ),
    )
)


def notation(before: str, after: str) -> Notation | None:
    """What is meant by a line, `before` up to the token that cannot stand there and `after` from it on."""
    line = before + _HERE + after
    if len(line) > _LONGEST:
        return None
    for code, pattern, message, advice in _NOTATIONS:
        found = re.search(pattern, line)
        if found is None or not found.start() <= len(before) <= found.end():
            continue
        said = found.expand(advice) if isinstance(advice, str) else advice(found)
        start, end = (i - (i > len(before)) for i in found.span("bad"))
        return Notation(code, message, start, end, (said.replace(_HERE, "").strip(),))
    return None


def assigned(line: str, holds: str) -> tuple[str, str] | None:
    """The message and the help for `x = ...` in a body of a cell, net, ... (`holds`), or at the top ("")."""
    found = re.match(r"\s*(\w+)\s*=(?![=>])\s*(.*)", line)
    if found is None:
        return None
    name, value = found[1], found[2].strip()
    if not holds:
        kind = "ops" if value.startswith("[") else "block" if "(" in value and value[0].isalpha() else "param"
        shown = f"block {name} {{ {value} }}" if kind == "block" else f"{kind} {name} = {value or '...'}"
        return "a declaration begins with its kind", shown
    if holds in ("cell", "motif"):
        return "there is no assignment: a value is a node", f"node {name} {{ from ...; op ... }}"
    if holds in ("net", "block", "stage", "repeat", "branch", "shortcut"):
        return "there is no assignment: a step is named with a colon", f"{name}: {value or '...'}"
    return None
