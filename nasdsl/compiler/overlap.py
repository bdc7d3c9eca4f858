"""Alternatives that say the same: the text of a genotype would not tell which of them was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from nasdsl.diagnostics import NasdslError, error
from nasdsl.space.group import Written
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

# How many ways to write an alternative are compared with others that can be written in several ways.
MOST_WAYS = 512


def apart(options: Sequence[tree.Expr], written: Sequence[Written]) -> None:
    """E0215 for an alternative that is offered twice, as such or through the choices of another."""
    seen: set[object] = set()
    several: list[int] = []
    for i, (option, part) in enumerate(zip(options, written, strict=True)):
        if any(isinstance(piece, int) for piece in part.text):
            several.append(i)
        elif part.text in seen:
            raise twice(text(option), option)
        seen.add(part.text)
    for i, part in enumerate(written) if several else ():
        said = ways(part, MOST_WAYS // len(several))
        for j in several:
            if i == j:
                continue
            if said is None and j < i and part.text == written[j].text:
                raise twice(text(options[i]), options[i])
            for words in said or ():
                if any(end == len(words) for _, end in written[j].matches(words)):
                    raise twice(words, options[max(i, j)])


def twice(words: str, option: tree.Expr) -> NasdslError:
    return error("E0215", f"`{words}` is offered twice", option.span, "the second time")


def ways(part: Written, most: int) -> list[str] | None:
    """What an alternative can be written as; None where these are more than `most`."""
    shown = {piece: part.decisions[piece] for piece in part.text if isinstance(piece, int)}
    if prod(d.size for d in shown.values()) > most:
        return None
    texts = {i: list(dict.fromkeys(d.text(d.unrank(rank)) for rank in range(d.size))) for i, d in shown.items()}
    found = []
    for said in product(*texts.values()):
        words = dict(zip(texts, said, strict=True))
        found.append("".join(piece if isinstance(piece, str) else words[piece] for piece in part.text))
    return found
