"""The table of the shipped spaces that have published figures, with ours beside them."""

from __future__ import annotations

from collections.abc import Iterator

from nasdsl.terminal.text import power_of_ten

from .published import Figures, Space, costs_differ, differ, network, spaces

MOST_DIGITS = 30

HEAD = f"""\
# Published spaces

`python -m tests.zoo > docs/zoo.md` made this page. Beside each published figure stands what nasdsl gives for the file;
`tests/published` says where the figures are from, and has the sizes of more than {MOST_DIGITS} digits in full. Networks
are those of named genotypes in evaluation: auxiliary heads are not counted. Multiply-adds are those of convolutions
and linear maps of one input.

Agreement is exact for sizes, parameters, multiply-adds and the shapes of all parameters. Outputs agree within 1e-6 in
float64, under the same weights and the same input in the official code and in our module (`tests/zoo/checksum.py`).
Of a space with constraints the genotypes that meet them are counted.

| space | lines | size | as published | network | parameters | published | multiply-adds | published | agreement |
|---|---|---|---|---|---|---|---|---|---|
"""


def page(*, full: bool) -> str:
    """The page as Markdown. Unless `full`, the figures that need a module are taken for those that were published."""
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for space in spaces() for row in rows(space, full=full))


def rows(space: Space, *, full: bool) -> Iterator[list[str]]:
    """The cells of a space: a row for each of its networks, or one for its size."""
    wrong = space.size_differs()
    count = space.size if space.valid is None else space.valid
    size = "no: the size" if wrong else "size"
    own = [f"[{space.name}](../spaces/{space.name}.nas)", str(space.lines), shown(count), space.size_as_published or ""]
    if not space.networks:
        yield [*own, "", "", "", "", "", size]
    for figures in space.networks:
        ours = network(figures)
        yield [
            *own,
            figures.name,
            f"{ours.params:,}",
            "" if figures.published_params is None else f"{figures.published_params:,}",
            f"{ours.macs:,}",
            "" if figures.published_macs is None else f"{figures.published_macs:,}",
            size if wrong else agreement(figures, full=full),
        ]
        own = [""] * len(own)


def agreement(figures: Figures, *, full: bool) -> str:
    """What of a network was compared and is equal; else what is not, or the note that says why."""
    wrong = differ(figures) if full else costs_differ(figures)
    if figures.note is not None:
        return f"no: {figures.note}"
    if wrong:
        return f"no: {', '.join(wrong)}"
    compared = {
        "outputs": figures.first4,
        "shapes": figures.hash,
        "parameters": figures.published_params,
        "multiply-adds": figures.published_macs,
    }
    told = ", ".join(what for what, figure in compared.items() if figure is not None) or "size"
    return told.replace("parameters, multiply-adds", "costs")


def shown(count: int) -> str:
    return f"{count:,}" if len(str(count)) <= MOST_DIGITS else power_of_ten(count)
