"""Every mistake of a file in one run, and none that another one causes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nasdsl.diagnostics import NasdslError
from nasdsl.source import SourceFile
from nasdsl.syntax.lexer import Lexer, Token
from nasdsl.syntax.parser import MOST_ERRORS, parse

SPACES = sorted((Path(__file__).parents[2] / "spaces").glob("*.nas"))
PIECES = [*'{}()[],;:=|#"/x3', "op", "from", "node", "of", "if"]


def mistakes(text: str) -> list[str]:
    try:
        parse(SourceFile("f.nas", text))
    except NasdslError as found:
        return [d.code for d in found.diagnostics]
    return []


def damaged(text: str, token: Token, rng: random.Random) -> str:
    """The text with one token taken away, replaced or preceded by another."""
    piece = rng.choice(PIECES)
    new = rng.choice(["", f"{piece} {token.text}", piece])
    return text[: token.start] + (new or " ") + text[token.end :]


@pytest.mark.parametrize("space", SPACES, ids=lambda path: path.stem)
def test_one_mistake_is_one_error(space: Path) -> None:
    text, rng = space.read_text(encoding="utf-8"), random.Random(space.stem)
    tokens = [token for token in Lexer(SourceFile("f.nas", text)) if token.text]
    found = [mistakes(damaged(text, rng.choice(tokens), rng)) for _ in range(150)]
    assert sum(map(bool, found)) > 100
    assert [each for each in found if len(each) > 1] == []


CLAUSES = "cell f(a, b) {{\n  node n {{\n    {}\n    {}\n    {}\n  }}\n  out n\n}}\n"


def test_three_wrong_clauses_are_three_errors() -> None:
    assert mistakes(CLAUSES.format("from  a b", "opp   conv(3)", "merge = add")) == ["E0101", "E0108", "E0120"]
    assert mistakes(CLAUSES.format("from  a", "opp   conv(3)", "merge add")) == ["E0108"]


def test_a_path_is_no_misspelt_clause() -> None:
    fixed = "; ".join(f"large.s[{i}] = conv" for i in range(4))
    assert mistakes(f"genotype g {{\n  large.s{{1] = conv; {fixed}\n  {fixed}\n}}\n") == ["E0101"]


def test_steps_of_a_line() -> None:
    assert mistakes("block b { conv(3; relu }\n") == ["E0105"]
    assert mistakes("block b { conv(3) relu; conv(3); conv(5) relu }\n") == ["E0101", "E0101"]


def test_what_follows_a_lost_brace_is_not_judged() -> None:
    assert mistakes("cell f(a) {\n  node n\n    from a\n    op 5 5\n  }\n  out n\n}\nparam 6\n") == ["E0101", "E0101"]
    assert mistakes("net s {\n  stage (width = 16):\n    conv(3)\n  head f\n}\n") == ["E0119"]
    assert mistakes("block b {\n  for x in y:\n    conv(3 3)\n  else:\n    relu relu\n}\n") == ["E0107"]


def test_a_line_that_ends_too_soon_may_go_on() -> None:
    assert mistakes("block b {\n  conv(3) +\n  conv(5)\n}\n") == ["E0101"]


def test_at_most_twenty() -> None:
    assert len(mistakes("cell f(a) {\n" + "  node n { from a a }\n" * 50 + "}\n")) == MOST_ERRORS


def test_pieces_that_are_no_token_do_not_stop_it() -> None:
    assert mistakes('cell f(a) {\n  node n { from ?; op "x }\n  out a a\n}\n') == ["E0102", "E0103"]
    assert mistakes("cell f(a) {\n  node n { from ? ?; op 3x3 }\n  out a a\n}\n") == ["E0102", "E0109", "E0101"]


def test_a_keyword_taken_for_a_name_is_one_mistake() -> None:
    assert mistakes("cell f(a) {\n  node op { from a }\n  node n { from op; op 3 3 }\n  out op\n}\n") == [
        "E0106",
        "E0101",
    ]
