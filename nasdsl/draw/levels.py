"""Pyramids: rows are levels, the coarsest on top; within a row, earlier nodes stand further left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nasdsl.draw.canvas import Box, Canvas
from nasdsl.draw.style import GREY, titled


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: its level, and its place in the order of computation (0: a port)."""

    node: str
    level: int
    column: int


def rows(canvas: Canvas, box: Box, places: Sequence[Place]) -> None:
    """Put nodes of one level on one rank, in order of their columns.

    The levels' names and the first column (the ports) stand straight under one another.
    """
    canvas.in_order = True
    above: dict[int, str] = {}
    for level in sorted({place.level for place in places}, reverse=True):
        name = canvas.node(box, shape="plaintext", style="", label=titled(f"P{level}", color=GREY, bold=True))
        row = [name]
        _below(canvas, above, -1, name)
        for place in sorted((p for p in places if p.level == level), key=lambda p: p.column):
            row.append(place.node)
            if place.column == 0:
                _below(canvas, above, 0, place.node)
        for left, right in pairwise(row):
            canvas.order(left, right)
        box.row(row)


def _below(canvas: Canvas, above: dict[int, str], column: int, node: str) -> None:
    if column in above:
        canvas.order(above[column], node, weight="40")
    above[column] = node
