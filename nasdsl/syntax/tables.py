"""The LALR(1) tables of `grammar.lark`.

lark turns the grammar into tables, which takes half a second; so its answer is kept beside the grammar as plain data
(`grammar.json`) and read back in a few milliseconds. The file names the grammar it was made from: after an edit of
`grammar.lark` the tables are made afresh in memory, until `python -m nasdsl.syntax.tables` has written them again.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

GRAMMAR: Final = Path(__file__).parent.parent / "grammar.lark"
TABLES: Final = GRAMMAR.with_suffix(".json")
END: Final = "$END"

Row = dict[str, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One production. `shape` has a letter for each symbol: k(eep), s(plice) the parts of a helper rule, d(rop)."""

    origin: str
    shape: str
    passes: bool = False  # a helper rule of one helper rule: nothing changes but the state


@dataclass(frozen=True, slots=True)
class Tables:
    """`states[s][symbol]` is the next state, or `-1 - r` to reduce by rule r. State 0 is the start."""

    states: tuple[Row, ...]
    rules: tuple[Rule, ...]
    words: dict[str, str]  # written text -> terminal, for keywords and symbols
    patterns: dict[str, str]  # terminal -> regular expression, for the others
    accept: int

    def terminals(self) -> dict[str, str]:
        """Every terminal with the text it stands for; those with a pattern map to the pattern."""
        return {terminal: text for text, terminal in self.words.items()} | self.patterns


@cache
def tables() -> Tables:
    """The tables of the grammar as it now is."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    stored: dict[str, Any] = json.loads(TABLES.read_text(encoding="utf-8")) if TABLES.is_file() else {}
    if stored.get("grammar") != fingerprint(grammar):
        stored = generate(grammar)
    return Tables(
        tuple(stored["states"]),
        tuple(Rule(origin, shape, origin[0] == "_" and shape == "s") for origin, shape in stored["rules"]),
        stored["words"],
        stored["patterns"],
        stored["accept"],
    )


def fingerprint(grammar: str) -> int:
    return crc32(grammar.encode())


def generate(grammar: str) -> dict[str, Any]:
    """lark's tables as plain data, numbered alike on every run. Raises lark's GrammarError on any conflict."""
    from lark import Lark
    from lark.grammar import Rule as LarkRule
    from lark.lexer import TerminalDef

    lark = Lark(grammar, parser="lalr", maybe_placeholders=False)
    data, memo = lark.memo_serialize([TerminalDef, LarkRule])
    terminals = [m for m in memo.values() if m["__type__"] == "TerminalDef"]
    texts = {m["name"]: m["pattern"] for m in terminals}
    parse = data["parser"]["parser"]
    states, rules, accept = _renumber(parse, memo)
    return {
        "grammar": fingerprint(grammar),
        "words": {p["value"]: name for name, p in sorted(texts.items()) if p["__type__"] == "PatternStr"},
        "patterns": {name: p["value"] for name, p in sorted(texts.items()) if p["__type__"] == "PatternRE"},
        "accept": accept,
        "rules": rules,
        "states": states,
    }


def _renumber(parse: dict[str, Any], memo: dict[int, Any]) -> tuple[list[Row], list[list[str]], int]:
    """States in breadth-first order from the start, rules in order of first use: equal grammars give equal files."""
    symbols = parse["tokens"]
    start, end = parse["start_states"]["start"], parse["end_states"]["start"]
    number, queue = {start: 0}, deque([start])
    rules: dict[tuple[str, ...], int] = {}
    rows: list[Row] = []
    while queue:
        row: Row = {}
        named = {symbols[i]: action for i, action in parse["states"][queue.popleft()].items()}
        for symbol, (reduces, argument) in sorted(named.items()):
            if reduces:
                key = tuple(_rule(memo[argument["@"]]))
                row[symbol] = -1 - rules.setdefault(key, len(rules))
            else:
                if argument not in number:
                    number[argument] = len(number)
                    queue.append(argument)
                row[symbol] = number[argument]
        rows.append(row)
    rows[number[end]][END] = number[end]  # lark stops here of itself; the loop in parser.py wants to shift the end
    return rows, [list(rule) for rule in rules], number[end]


def _rule(rule: dict[str, Any]) -> list[str]:
    def letter(symbol: dict[str, Any]) -> str:
        if symbol.get("filter_out"):
            return "d"
        return "s" if symbol["__type__"] == "NonTerminal" and symbol["name"].startswith("_") else "k"

    return [rule["origin"]["name"], "".join(letter(s) for s in rule["expansion"])]


if __name__ == "__main__":
    made = generate(GRAMMAR.read_text(encoding="utf-8"))
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in made.pop("states"))
    TABLES.write_text(
        json.dumps(made, separators=(",", ":"))[:-1] + ',"states":[\n' + rows + "\n]}\n", encoding="utf-8"
    )
