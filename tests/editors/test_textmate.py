"""The TextMate grammar: current, and right about what it colours."""

import json
import re
from pathlib import Path

import pytest

from nasdsl import textmate
from nasdsl.highlighting import groups
from nasdsl.source import SourceFile
from nasdsl.syntax.lexer import Lexer

ROOT = Path(__file__).parents[2]
FILE = ROOT / "editors" / "vscode" / "syntaxes" / "nas.tmLanguage.json"
NAS = [*sorted((ROOT / "spaces").glob("*.nas")), *sorted((ROOT / "nasdsl" / "library").glob("*.nas"))]


def scopes(text: str) -> dict[int, str]:
    """The scope of every character that has one, as an editor finds it: the earliest match, of those the first."""
    patterns = [(re.compile(p["match"]), p) for p in json.loads(FILE.read_text(encoding="utf-8"))["patterns"]]
    found: dict[int, str] = {}
    start = 0
    for line in text.splitlines(keepends=True):
        at = 0
        while True:
            matches = [(m.start(), i, m) for i, (regex, _) in enumerate(patterns) if (m := regex.search(line, at))]
            if not matches:
                break
            _, i, m = min(matches, key=lambda each: each[:2])
            pattern = patterns[i][1]
            named = {0: pattern["name"]} if "name" in pattern else {}
            named |= {int(n): c["name"] for n, c in pattern.get("captures", {}).items()}
            for group, scope in named.items():
                found.update(dict.fromkeys(range(start + m.start(group), start + m.end(group)), scope))
            assert m.end() > at or m.end() > m.start(), "a pattern matches nothing"
            at = m.end()
        start += len(line)
    return found


def test_the_file_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == textmate.text(), "run: python -m nasdsl.textmate " + str(FILE)


def test_no_pattern_matches_nothing() -> None:
    for pattern in textmate.grammar()["patterns"]:
        regex = re.compile(pattern["match"])
        assert regex.fullmatch("") is None
        assert {int(n) for n in pattern.get("captures", {})} <= set(range(regex.groups + 1))


@pytest.mark.parametrize(("group", "scope"), textmate.SCOPES.items())
def test_every_keyword_is_coloured(group: str, scope: str) -> None:
    for word in groups()[group]:
        assert scopes(f"  {word} ")[2] == scope
        assert scopes(f"{word}_1")[0] != scope
        assert scopes(f"path.{word}")[5] == "variable.other.member.nas"


def test_a_sample() -> None:
    text = 'cell f(x) { node n[2] { from pick 2 of earlier; op sep_conv(k = 3, w = 0..N) } } # "cell"\n'
    found = scopes(text)

    def at(part: str) -> str:
        return found[text.index(part)]

    assert at("cell") == at("node") == "keyword.declaration.nas"
    assert at("f(x)") == at("n[2]") == "entity.name.type.nas"
    assert at("from") == at("op") == "keyword.control.nas"
    assert at("pick") == at("of") == "keyword.operator.word.nas"
    assert at("earlier") == "variable.language.nas"
    assert at("sep_conv") == "entity.name.function.nas"
    assert at("k =") == at("N)") == "variable.other.nas"
    assert at("2]") == at("3,") == at("0..") == "constant.numeric.nas"
    assert at("..") == "keyword.operator.range.nas"
    assert at("# ") == found[text.index('"cell"') + 1] == "comment.line.number-sign.nas"


@pytest.mark.parametrize("path", NAS, ids=lambda path: path.stem)
def test_it_agrees_with_the_lexer(path: Path) -> None:
    """Keywords are coloured as keywords and names are not, in everything that is shipped."""
    text = path.read_text(encoding="utf-8")
    found = scopes(text)
    for token in Lexer(SourceFile(path.name, text)):
        if token.text[:1].isalpha():
            coloured = found[token.start].startswith(
                ("keyword.declaration", "keyword.control", "keyword.operator.word")
            )
            assert coloured == (token.kind != "NAME"), token
