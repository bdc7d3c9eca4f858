"""Words and notations of other languages, and what to type instead."""

from __future__ import annotations

import re
from typing import Final

from nasdsl.syntax.elsewhere import operation

FOREIGN: Final = "E0114"  # the whole file is something else: nothing after it is worth reading

_IMPORTED: Final = ("conv", "sep_conv")
_CHOICE: Final = ("`a | b`", "one of [a, b]")
_LOOP: Final = ("repeat 3 { ... }", "node n[3] { ... } for an array of nodes")
_TEMPLATE: Final = ("block name(k) { ... } for a chain", "cell name(x) { ... } for a graph")
_HABITS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    **dict.fromkeys(("if", "else", "elif", "switch", "match", "case"), ("an open decision is a choice", _CHOICE)),
    **dict.fromkeys(("for", "while", "loop", "foreach"), ("repetition is `repeat` or an array", _LOOP)),
    **dict.fromkeys(("def", "function", "func", "fn", "fun", "lambda"), ("a template is a block or a cell", _TEMPLATE)),
    **dict.fromkeys(("class", "struct"), ("a graph is a cell", ("cell name(x) { ... }",))),
    **dict.fromkeys(
        ("import", "include", "require_once"),
        ("names are imported with `use`", (f"use vision ({', '.join(_IMPORTED)})",)),
    ),
    **dict.fromkeys(("return", "yield"), ("the result of a cell is its `out`", ("out concat(n)",))),
    **dict.fromkeys(("const", "var"), ("a fixed number is a `param`", ("param N = 6",))),
}


def habit(word: str, line: str) -> tuple[str, tuple[str, ...]] | None:
    """The message and the helps for a word of another language that stands in `line`."""
    imported = re.match(r"(?:from\s+([\w.]+)\s+)?import\s+([\w, ]+)", line)
    if word in ("from", "import"):
        if not imported:
            return None if word == "from" else (f"there is no `{word}`: {_HABITS[word][0]}", _HABITS[word][1])
        names = [found.split("(")[0] for name in imported[2].split(",") if (found := operation(name.strip()))]
        return f"there is no `import`: {_HABITS['import'][0]}", (f"use vision ({', '.join(names or _IMPORTED)})",)
    known = _HABITS.get(word)
    return (f"there is no `{word}`: {known[0]}", known[1]) if known else None


def other_language(text: str) -> str | None:
    """The name of the notation that a file is written in, if it clearly is another one."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    begin = lines[0].strip() if lines else ""
    if re.fullmatch(r"\[{1,2}[A-Za-z][\w.]*\]{1,2}", begin):
        return "TOML"
    if begin.startswith(("{", "[")):
        return "JSON"
    if begin.startswith("<"):
        return "XML"
    if begin == "---" or begin.startswith("- ") or re.fullmatch(r"[\w-]+\s*:(\s.*)?", begin):
        return None if begin.endswith("{") or begin.split()[0].rstrip(":") in _HABITS else "YAML"
    return None
