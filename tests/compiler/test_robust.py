"""Whatever a file says: a space whose check runs, or mistakes with positions; never a traceback, never a long wait."""

import time
from pathlib import Path
from random import Random

import pytest

from nasdsl.compiler.check import check
from nasdsl.compiler.examine import diagnostics
from nasdsl.compiler.load import loads, shipped
from nasdsl.diagnostics import NasdslError
from nasdsl.report import terminal
from nasdsl.source import SourceFile
from nasdsl.syntax.lexer import Lexer
from nasdsl.syntax.parser import read

MUTANTS = 75  # of each space
LIMIT = 2.0  # seconds of processor time for one text
# Keep the mutants of whole networks small.
PARAMS = ("param N = 6", "param N = 1"), ("param N = 7", "param N = 1")
STRANGE = ("0", "-1", "1000000000", "2.5", '"a"', "[]", "x", "in", "width", "fresh", "|", "1..9", "unused", "earlier")


def small(name: str) -> str:
    text = shipped()[name].read_text(encoding="utf-8")
    for old, new in PARAMS:
        text = text.replace(old, new)
    return text


def tokens(text: str) -> list[tuple[int, int]]:
    return [(t.start, t.end) for t in Lexer(SourceFile("space.nas", text), 0) if t.end > t.start]


def mutated(text: str, rng: Random) -> str:
    """One or two tokens left out, doubled, exchanged, or replaced by another of the file or a strange one."""
    for _ in range(rng.choice((1, 1, 2))):
        places = tokens(text)
        (a, b), (c, d) = sorted(rng.sample(places, 2))
        match rng.randrange(5):
            case 0:
                text = text[:a] + text[b:]
            case 1:
                text = f"{text[:b]} {text[a:b]}{text[b:]}"
            case 2:
                text = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
            case 3:
                text = text[:a] + text[c:d] + text[b:]
            case _:
                text = f"{text[:a]} {rng.choice(STRANGE)} {text[b:]}"
        try:
            tokens(text)
        except NasdslError:
            break
    return text


def outcome(text: str) -> str:
    try:
        space = loads(text, "space.nas")
    except NasdslError as mistake:
        return "mistakes" if mistake.diagnostics else "silence"
    check(space)
    return "space"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_mutant_is_a_space_or_has_mistakes(name: str) -> None:
    rng = Random(name)
    original = small(name)
    met = set()
    for _ in range(MUTANTS):
        text = mutated(original, rng)
        began = time.process_time()
        met.add(outcome(text))
        assert time.process_time() - began < LIMIT, text
    # Where little of the text can be another, hardly any mutant is a space.
    assert met == {"space", "mistakes"} or (met == {"mistakes"} and name in ("bifpn", "swish"))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_no_mistake_is_shown_outside_of_the_users_file(name: str) -> None:
    rng = Random(name + " again")
    original = small(name)
    for _ in range(MUTANTS // 3):
        source = SourceFile("space.nas", mutated(original, rng))
        found = diagnostics(source)
        assert all(d.span is None or d.span.source == source for d in found), source.text
        assert len({(d.code, d.span, d.message) for d in found}) == len(found), source.text
        places = [d.span.start for d in found if d.span is not None]
        assert places == sorted(places), source.text
        assert terminal(found) or not found


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "errors").glob("size_*.nas")), ids=lambda p: p.stem
)
def test_a_space_too_large_is_refused_at_once(path: Path) -> None:
    began = time.process_time()
    assert diagnostics(read(path))
    assert time.process_time() - began < LIMIT
