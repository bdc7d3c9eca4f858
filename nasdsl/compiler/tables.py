"""The architecture parameters of a relaxed space, and the weights that mixing gives them: which decision stands where.

One row is one mixture: its columns are the alternatives of a decision, or what an edge may be. Rows of one graph that
have equally many columns are one table, so the cells of DARTS have a table of 14 x 8 each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What the columns of a row are, and so how its weights turn back into a decision:
# - choice   the alternatives of a choice: operations, merges, levels, numbers
# - edge     of one member of a set: column 0 is `absent`, the others are its operations
# - source   of one slot of a sequence, with repeats or without: which value it reads
# - gate     of one member of any subset: `absent`, `present`
# - depth    how many of a repetition there are
# - order    of one node: which item of a permutation is dealt to it
RowKind = Literal["choice", "edge", "source", "gate", "depth", "order"]


@dataclass(frozen=True, slots=True)
class Row:
    """One mixture. Its weights are `weights[table][index]`, a vector of `len(columns)`.

    `path` is that of the decision; `place` tells apart the rows of one decision: the name of the member of a set, the
    number of a slot or a node. `group` is shared by rows whose edges compete for the places of one node.
    """

    kind: RowKind
    path: str
    place: str
    columns: tuple[str, ...]
    table: str
    index: int
    group: str = ""

    @property
    def name(self) -> str:
        """`normal.n[0].from.prev2`: what a person calls it."""
        return f"{self.path}.{self.place}" if self.place else self.path


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with equally many columns that are one tensor of parameters, `shape`."""

    name: str
    rows: tuple[Row, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0].columns)
