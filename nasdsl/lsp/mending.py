"""A tree for a text that is being typed: what cannot be read is blanked out, so that all else keeps its place."""

from __future__ import annotations

import re
from typing import Final

from nasdsl.diagnostics import Diagnostic
from nasdsl.source import SourceFile
from nasdsl.syntax import tree
from nasdsl.syntax.parser import parse_partly

_ROUNDS: Final = 5
_ENDS: Final = "\n;{}"


def mended(source: SourceFile) -> tree.File:
    """The tree of the text without the statements that cannot be read; offsets are those of the text.

    Where that leaves mistakes, the declarations that can be read.
    """
    text = source.text
    file, problems = parse_partly(source)
    best = file
    for _ in range(_ROUNDS):
        if not problems or problems[0].code in ("E0111", "E0112", "E0114"):
            break
        blanked = text
        for problem in problems:
            blanked = _without(blanked, problem)
        if blanked == text:
            break
        text = blanked
        file, problems = parse_partly(SourceFile(source.name, text, source.path))
        if len(file.items) >= len(best.items):
            best = file
    return best


def statement(text: str, offset: int) -> tuple[int, int]:
    """The range between the line ends, semicolons and braces around an offset."""
    start = max(text.rfind(mark, 0, offset) for mark in _ENDS) + 1
    ends = [i for mark in _ENDS if (i := text.find(mark, offset)) >= 0]
    return start, min(ends, default=len(text))


def _without(text: str, problem: Diagnostic) -> str:
    """A brace that is not closed is closed at the end of the text; any other mistake takes its statement with it."""
    if problem.span is None:
        return text
    offset = problem.span.start
    if problem.code == "E0104" and not text[offset:].strip():
        return text + "\n}"
    start, end = statement(text, offset)
    if text[offset : offset + 1] == "{" and not text[start:end].strip():
        # What stood before the body is gone, so the body means nothing.
        end = _closed(text, offset)
    while not text[start:end].strip() and start > 0:
        # The mistake shows behind its statement: where the line or the body ends.
        start, end = statement(text, start - 1)
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _closed(text: str, opened: int) -> int:
    """Behind the brace that closes the one at an offset."""
    depth = 0
    for found in re.finditer(r"[{}]", text[opened:]):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return opened + found.end()
    return len(text)
