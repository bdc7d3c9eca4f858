"""The skip connections of a genotype's normal cell, which two methods count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasdsl.compiler.inherit import one_hot
from nasdsl.relax import mixing

if TYPE_CHECKING:
    from nasdsl.relax.search import Search
    from nasdsl.space.genotype import Genotype

NORMAL = "normal"


def chosen_skips(search: Search, genotype: Genotype) -> list[tuple[str, int, int]]:
    """Table, row and column of each skip that the genotype has in its normal cell.

    That is what the decisions of `normal` choose; of a space that calls no cell so, all decisions count.
    """
    tables = search.supernet.tables
    normal = any(_normal(row.path) for table in tables for row in table.rows)
    chosen = one_hot(search.supernet.open, genotype)
    return [
        (table.name, row.index, column)
        for table in tables
        for row in table.rows
        for column in mixing.skips(table)[row.index].nonzero().flatten().tolist()
        if chosen[table.name][row.index][column] > 0 and (_normal(row.path) or not normal)
    ]


def _normal(path: str) -> bool:
    return path.split(".")[0].split("[")[0] == NORMAL
