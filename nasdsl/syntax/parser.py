"""`.nas` text to the syntax tree, with every independent syntax error of the file in one run.

The grammar is `nasdsl/grammar.lark`; the loop below runs its LALR(1) tables. After an error the parser goes on at the
next clause, statement or step where that is certain (recovery.py), else at the next line that begins with a
declaration, so that one mistake hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nasdsl.diagnostics import Diagnostic, NasdslError, error
from nasdsl.source import SourceFile, Span
from nasdsl.syntax import tree
from nasdsl.syntax.build import ACTIONS
from nasdsl.syntax.lexer import DEPTH, Lexer, Token
from nasdsl.syntax.tables import tables

LARGEST: Final = 1_000_000  # characters of a file, and bytes read from disk
MOST_WORDS: Final = 100_000  # words, numbers and signs of a file: four times those of a space of 5,000 lines
MOST_ERRORS: Final = 20

_RESUMES: Final = re.compile(
    r"[{}]|^(?:use|param|hyper|ops|cell|motif|block|net|genotype)\b|^(?P<inner>let|require)\b", re.MULTILINE
)
# What adds no depth of its own to the tree.
_FLAT: Final = frozenset(
    {"arg", "args", "chain", "kind", "where", "when", "relation", "start", "path", "names", "ports"}
)


def read(path: Path | str) -> SourceFile:
    """The file as text. Raises NasdslError where it is missing, no file, too large or not UTF-8."""
    where = Path(path)
    name = str(path)
    try:
        with where.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise error("E0116", f"there is no file `{name}`") from None
    except IsADirectoryError:
        raise error("E0116", f"`{name}` is a folder, not a file") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "no such path"
        raise error("E0116", f"`{name}` cannot be read: {reason}") from None
    return decoded(name, data, where)


def decoded(name: str, data: bytes, where: Path | None = None) -> SourceFile:
    """The bytes of a file as text. Raises NasdslError where they are too many or not UTF-8."""
    if len(data) > LARGEST:
        source = SourceFile(name, data[:LARGEST].decode("utf-8", errors="replace"), where)
        raise error("E0112", f"`{name}` is larger than {LARGEST:,} bytes", end_of(source), "the limit is here")
    try:
        return SourceFile(name, data.decode("utf-8"), where)
    except UnicodeDecodeError as problem:
        source = SourceFile(name, data.decode("utf-8", errors="replace"), where)
        at = len(data[: problem.start].decode("utf-8"))
        message = f"`{name}` is not text in UTF-8: byte {data[problem.start]:#04x} at offset {problem.start}"
        helps = ["save the file as UTF-8"]
        raise error("E0117", message, Span(source, at, at + 1), "not UTF-8 from here", helps=helps) from None


def end_of(source: SourceFile) -> Span:
    return Span(source, len(source.text), len(source.text))


def parse(source: SourceFile) -> tree.File:
    """The tree of a file. Raises NasdslError (E01xx) with up to MOST_ERRORS diagnostics, in source order."""
    file, problems = parse_partly(source)
    if problems:
        raise NasdslError(problems)
    return file


def parse_partly(source: SourceFile) -> tuple[tree.File, tuple[Diagnostic, ...]]:
    """The declarations that can be read, and what `parse` would raise: an editor has both to show."""
    whole = Span(source, 0, len(source.text))
    problems: list[Diagnostic] = []
    items: list[tree.Item] = []
    start: int | None = 0
    if len(source.text) > LARGEST:
        message = f"`{source.name}` is larger than {LARGEST:,} characters"
        limit = Span(source, LARGEST, LARGEST)
        return tree.File(whole, source, ()), error("E0112", message, limit, "the limit is here").diagnostics
    end: int | None = None
    left = MOST_WORDS
    while start is not None and len(problems) < MOST_ERRORS:
        tokens: list[Token] = []
        try:
            _run(source, start, items, tokens, left)
            break
        except NasdslError as mistake:
            from nasdsl.syntax.recovery import CONSEQUENCES, further  # only a file with a mistake pays for it

            problem = mistake.diagnostics[-1]
            left -= len(tokens)
            if problem.code == "E0112":
                problems.append(problem)
                break
            if end is not None and problem.code in CONSEQUENCES and all(token.kind != "LBRACE" for token in tokens):
                start, end = _resume(source, start, problem), None
                continue
            more, end = further(source, tokens, problem, MOST_ERRORS)
            problems += [problem, *more]
            start = end if end is not None else _resume(source, start, problems[-1])
    if not problems and not items:
        helps = ["net search { input image(3, 32, 32); head classifier(10) }"]
        problems += error("E0111", f"`{source.name}` declares nothing", Span(source, 0, 0), helps=helps).diagnostics
    return tree.File(whole, source, tuple(items)), tuple(problems[:MOST_ERRORS])


def _resume(source: SourceFile, start: int, problem: Diagnostic) -> int | None:
    """Where the next declaration begins, always behind `start`; None where the file is in another language.

    `let` and `require` also begin lines inside a declaration: they count only where the braces so far are even.
    """
    if problem.code == "E0114" or problem.span is None:
        return None
    depth, least = 0, max(problem.span.start, start + 1)
    for found in _RESUMES.finditer(source.text, start):
        if found.group() in "{}":
            depth += 1 if found.group() == "{" else -1
        elif found.start() >= least and not (found["inner"] and depth):
            return found.start()
    return None


def _run(source: SourceFile, start: int, items: list[tree.Item], tokens: list[Token], most: int) -> None:
    """The LALR(1) loop from one offset to the end of the file; what it reads is added to `items`.

    Raises NasdslError at the first mistake, with the declarations before it in `items` and the tokens before it in
    `tokens`, at most `most` of them.
    """
    parts = [_Part(None, start, start, 0)]
    try:
        _shift_and_reduce(source, start, parts, tokens, most)
    except NasdslError:
        items += _complete(parts)
        raise
    items += parts[-2].value


def _complete(parts: list[_Part]) -> Iterator[tree.Item]:
    """The declarations on a stack: the lists at its bottom. What stands above them is the one that is not finished."""
    for part in parts[1:]:
        if isinstance(part.value, list):
            yield from part.value
        elif not (isinstance(part.value, Token) and part.value.kind == "_NL"):
            return


def _shift_and_reduce(source: SourceFile, start: int, parts: list[_Part], tokens: list[Token], most: int) -> None:
    known = tables()
    rows, rules = known.states, known.rules
    lexer = Lexer(source, start)
    states = [0]
    for token in lexer:
        if len(tokens) == most:
            raise _too_large(source, token)
        while (action := rows[states[-1]].get(token.kind, _WRONG)) < 0:
            if action == _WRONG:
                from nasdsl.syntax.complaint import complain  # only a file with a mistake pays for it

                raise complain(source, tokens, token, lexer)
            rule = rules[-1 - action]
            if rule.passes:
                del states[-1]
                states.append(rows[states[-1]][rule.origin])
                continue
            below = len(states) - len(rule.shape)
            part = _reduce(source, rule.origin, rule.shape, parts[below:])
            del states[below:], parts[below:]
            states.append(rows[states[-1]][rule.origin])
            parts.append(part)
        tokens.append(token)
        states.append(action)
        parts.append(_Part(token, token.start, token.end, 0))
    assert states[-1] == known.accept, "the last token is the end of the file"


def _too_large(source: SourceFile, token: Token) -> NasdslError:
    message = f"a file has at most {MOST_WORDS:,} words, numbers and signs"
    helps = ["spread the space over several files, or let `repeat`, arrays and `ops` say it in fewer words"]
    return error("E0112", message, Span(source, token.start, token.end), "one too many", helps=helps)


_WRONG: Final = -(10**9)


class _Part:
    """A symbol on the stack: its value (a list for a helper rule), its offsets and the depth of the tree below."""

    __slots__ = ("depth", "end", "start", "value")

    def __init__(self, value: Any, start: int, end: int, depth: int) -> None:
        self.value, self.start, self.end, self.depth = value, start, end, depth


def _reduce(source: SourceFile, origin: str, shape: str, parts: list[_Part]) -> _Part:
    values: list[Any] = []
    depth = 0
    for letter, part in zip(shape, parts, strict=True):
        if part.depth > depth:
            depth = part.depth
        if letter == "k":
            values.append(part.value)
        elif letter == "s" and values:
            values.extend(part.value)
        elif letter == "s":
            values = part.value  # a list of its own that is used up here: long rows grow in place
    start, end = (parts[0].start, parts[-1].end) if parts else (0, 0)
    if origin[0] == "_":
        return _Part(values, start, end, depth)
    span = Span(source, start, end)
    depth += origin not in _FLAT
    if depth > DEPTH:
        helps = ["break it up: `let`, `ops` and `block` give parts a name"]
        raise error("E0110", f"this is nested more than {DEPTH} deep", span, helps=helps)
    return _Part(ACTIONS[origin](values, span), start, end, depth)
