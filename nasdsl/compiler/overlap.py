"""Alternatives that say the same: the text of a genotype would not tell which of them was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from nasdsl.diagnostics import error
from nasdsl.space.group import Written
from nasdsl.syntax import tree
from nasdsl.syntax.printer import text

# Of alternatives that can be written in more ways than this, the others are not compared with each.
MOST_WAYS = 256


def apart(options: Sequence[tree.Expr], written: Sequence[Written]) -> None:
    """E0215 for an alternative that is offered twice, as such or through the choices of another."""
    seen: set[object] = set()
    for option, part in zip(options, written, strict=True):
        if part.text in seen:
            raise error("E0215", f"`{text(option)}` is offered twice", option.span, "the second time")
        seen.add(part.text)
    several = [i for i, part in enumerate(written) if any(isinstance(piece, int) for piece in part.text)]
    if len(several) * len(written) > MOST_WAYS:
        return
    for i, part in enumerate(written):
        for words in ways(part) if several else ():
            for j in several:
                if j != i and any(end == len(words) for _, end in written[j].matches(words)):
                    raise error("E0215", f"`{words}` is offered twice", options[max(i, j)].span, "the second time")


def ways(part: Written) -> Iterator[str]:
    """What an alternative can be written as; nothing where these are too many."""
    shown = {piece: part.decisions[piece] for piece in part.text if isinstance(piece, int)}
    if prod(d.size for d in shown.values()) > MOST_WAYS:
        return
    texts = {i: list(dict.fromkeys(d.text(d.unrank(rank)) for rank in range(d.size))) for i, d in shown.items()}
    for said in product(*texts.values()):
        words = dict(zip(texts, said, strict=True))
        yield "".join(piece if isinstance(piece, str) else words[piece] for piece in part.text)
