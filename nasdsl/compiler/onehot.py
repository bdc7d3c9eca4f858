"""The mixing weights that stand for one genotype: 1 at what it chose, 0 elsewhere.

The inverse of `nasdsl.compiler.discretise.genotype`: the genotype of `one_hot(g)` is g.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nasdsl.compiler.mixtures import NOWHERE, Mixture, Reader, Rows
from nasdsl.compiler.selections import mixture
from nasdsl.compiler.tables import Row
from nasdsl.diagnostics import error
from nasdsl.space.genotype import Genotype
from nasdsl.space.group import Group, Values
from nasdsl.space.model import SearchSpace


def one_hot(space: SearchSpace, rows: Sequence[Row], genotype: Genotype) -> dict[str, list[list[float]]]:
    """Weights by table, each of shape (rows, columns), that are 1 at one column of every row and 0 elsewhere.

    A member that is not kept has 1 at `absent`. A decision that the genotype does not make, below an alternative that
    it does not take, has 1 at the first column: any would do. Raises E0503 for a genotype of another space.
    """
    if genotype not in space:
        raise error("E0503", f"`{genotype.space.name}:{genotype.code}` is no genotype of `{space.name}`")
    columns: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for row in rows:
        columns[row.table] = len(row.columns)
        lengths[row.table] = max(lengths.get(row.table, 0), row.index + 1)
    found = {name: [[1.0] + [0.0] * (columns[name] - 1) for _ in range(length)] for name, length in lengths.items()}
    for taken, chosen in made(Rows(rows), space.decisions, genotype.values):
        for row, column in taken.marks(chosen):
            found[row.table][row.index] = [float(c == column) for c in range(len(row.columns))]
    return found


def made(rows: Rows, group: Group, values: Values, reader: Reader = NOWHERE) -> Iterator[tuple[Mixture, object]]:
    """Every decision that these values make, each before those below it, as its mixture and what it chose."""
    for decision, value in zip(group, values, strict=True):
        taken = mixture(rows, decision, reader)
        chosen, children = decision.split(value)
        yield taken, chosen
        for (inner, below), own in zip(taken.brings(chosen), children, strict=True):
            yield from made(rows, inner, own, below)
