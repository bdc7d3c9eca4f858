"""What is typed to narrow a space: a path that names decisions, and the texts they may have, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nasdsl.diagnostics import NasdslError, did_you_mean, error
from nasdsl.source import SourceFile, Span
from nasdsl.space.group import Decision
from nasdsl.space.text import Entry

if TYPE_CHECKING:
    from nasdsl.space.model import SearchSpace

MOST_NAMED = 12
_PART = re.compile(r"[A-Za-z_]\w*|\.|\[\s*(?:\*|\d{1,6}(?:\s*\.\.\s*\d{1,6})?)\s*\]")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Piece:
    """A text that was typed, in canonical form, and where."""

    text: str
    span: Span


@dataclass(frozen=True)
class Path:
    """A path as typed: names, each with an index in brackets or None; a text for a range or a star."""

    span: Span
    steps: tuple[tuple[str, tuple[str, ...]], ...]

    @cached_property
    def text(self) -> str:
        return ".".join(name + "".join(f"[{i}]" for i in indices) for name, indices in self.steps)

    def expression(self, steps: Sequence[tuple[str, tuple[str, ...]]]) -> str:
        """A regular expression for the first so many steps."""
        return r"\.".join(re.escape(name) + (_indexed(indices) or r"(?:\[\d+\])*") for name, indices in steps)

    def holds(self, path: str) -> bool:
        """Whether the place of a decision is this path or lies below it."""
        return re.match(rf"{self.expression(self.steps)}(?![\w])", path) is not None

    def decisions(self, space: SearchSpace) -> list[Decision]:
        """The decisions of that path, else those anywhere below all but its last name; E0822 where there is none."""
        exact = re.compile(self.expression(self.steps))
        known = list(every(space.entries))
        found = [d for d in known if exact.fullmatch(d.path)]
        if not found and len(self.steps) > 1:
            begin, end = self.expression(self.steps[:-1]), self.expression(self.steps[-1:])
            deep = re.compile(rf"{begin}\.(?:.*\.)?{end}")
            found = [d for d in known if deep.fullmatch(d.path)]
        if not found:
            raise self.unknown(space)
        return found

    def unknown(self, space: SearchSpace) -> NasdslError:
        """E0822, with what could be named instead."""
        known = list(dict.fromkeys(d.path for d in every(space.entries)))
        depth = len(self.steps)
        while depth and not any(re.match(self.expression(self.steps[:depth]) + r"(?!\w)", p) for p in known):
            depth -= 1
        before = re.compile(self.expression(self.steps[:depth]) + r"(?!\w)" if depth else "")
        at = Path(self.span, self.steps[:depth]).text
        there = [p for p in known if before.match(p)]
        tails = list(dict.fromkeys(_INDEX.sub("[*]", p[before.match(p).end() :]).lstrip(".") for p in there))  # type: ignore[union-attr]
        shown = ", ".join(f"`{tail}`" for tail in tails[:MOST_NAMED] if tail)
        more = f" and {len(tails) - MOST_NAMED} more" if len(tails) > MOST_NAMED else ""
        where = f"below `{at}`" if at else f"in `{space.name}`"
        helps = did_you_mean(_INDEX.sub("[*]", self.text), dict.fromkeys(_INDEX.sub("[*]", p) for p in known))
        if not helps and tails and len(self.steps) > depth:
            typed = Path(self.span, self.steps[depth:]).text
            close = did_you_mean(_INDEX.sub("[*]", typed), [t for t in tails if t])
            helps = tuple(h.replace("`", f"`{at}.", 1) if at else h for h in close)
        notes = (f"decided {where}: {shown}{more}",) if shown else ()
        return error("E0822", f"there is nothing to decide at `{self.text}`", self.span, notes=notes, helps=helps)


def _indexed(indices: tuple[str, ...]) -> str:
    found = ""
    for index in indices:
        low, dots, high = index.partition("..")
        several = "|".join(map(str, range(int(low), int(high) + 1))) if dots else index
        found += r"\[\d+\]" if index == "*" else rf"\[(?:{several})\]"
    return found


def whole_span(typed: SourceFile) -> Span:
    text = typed.text
    return Span(typed, len(text) - len(text.lstrip()), len(text.rstrip()))


def assignment(typed: SourceFile) -> tuple[Path, list[Piece]]:
    """`PATH = TEXT | TEXT` taken apart; E0821 where it is something else."""
    at = typed.text.find("=")
    whole = whole_span(typed)
    example = ("normal.n[*].op = sep_conv(3) | identity",)
    if at < 0:
        raise error("E0821", "a path, `=` and a text are expected here", whole, "no `=`", helps=example)
    span = _stripped(typed, 0, at)
    steps: list[tuple[str, tuple[str, ...]]] = []
    end, dot = span.start, True
    while end < span.end:
        match = _PART.match(typed.text, end, span.end)
        token = match[0] if match else ""
        if match is None or (token[0] not in ".[") != dot or (token == "." and not steps):
            raise error("E0821", f"`{span.text}` is no path", Span(typed, end, span.end), "from here on", helps=example)
        if token.startswith("["):
            index = re.sub(r"\s", "", token[1:-1])
            low, dots, high = index.partition("..")
            if dots and not int(low) <= int(high) <= int(low) + 9_999:
                raise error("E0821", f"`{token}` is no range of indices", Span(typed, end, match.end()))
            steps[-1] = (steps[-1][0], (*steps[-1][1], index))
        elif token != ".":
            steps.append((token, ()))
        dot, end = token == ".", match.end()
    if not steps or dot:
        raise error("E0821", "a path is expected before `=`", whole, helps=example)
    items = list(_items(typed, at + 1))
    if not items or not all(item.text for item in items):
        raise error("E0821", "a text is expected behind `=`, and on both sides of `|`", whole, helps=example)
    return Path(span, tuple(steps)), items


def _items(typed: SourceFile, start: int) -> Iterator[Piece]:
    """The texts between `|`s outside of brackets; several values are a list, with brackets or without."""
    depth, begin, several = 0, start, False
    for at in range(start, len(typed.text) + 1):
        char = typed.text[at : at + 1]
        depth += (char in ("(", "[")) - (char in (")", "]"))
        several |= char == "," and depth == 0
        if char == "" or (char == "|" and depth <= 0):
            span = _stripped(typed, begin, at)
            text = canonical(span.text)
            yield Piece(f"[{text}]" if several else text, span)
            begin, several = at + 1, False


def _stripped(typed: SourceFile, start: int, end: int) -> Span:
    text = typed.text[start:end]
    lead = len(text) - len(text.lstrip())
    return Span(typed, min(start + lead, end), max(start + len(text.rstrip()), start))


def canonical(text: str) -> str:
    """The text with the blanks of the language's printer."""
    text = re.sub(r"\s+", " ", text.strip())
    text = re.sub(r" ?([()\[\]]) ?", r"\1", text)
    return re.sub(r" ?= ?", " = ", re.sub(r" ?, ?", ", ", text))


def every(entries: Iterable[Entry]) -> Iterator[Decision]:
    """All decisions of a space, those under alternatives behind theirs."""
    return (d for entry in entries for d in nested(entry.decisions))


def nested(group: Iterable[Decision]) -> Iterator[Decision]:
    for d in group:
        yield d
        for w in d.below:
            yield from nested(w.decisions)
